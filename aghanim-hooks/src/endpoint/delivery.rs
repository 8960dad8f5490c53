#![expect(clippy::manual_async_fn, reason = "an `async fn` holds what it is given twice, and the event is large")]

use std::any::TypeId;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http::StatusCode;
use http::request::Parts;
use serde::de::IgnoredAny;
use tokio::time::Instant;

use super::Endpoint;
use super::deadline::within;
use super::once::{self, Asked, Once};
use super::refusal::Refusal;
use crate::Rejection;
use crate::codec::Codec;
use crate::envelope::{self, Malformed};
use crate::events::catalogue;
use crate::handler::{AnswerFuture, Listed, ProvidesAll};
use crate::idempotency::StoreError;
use crate::pattern::Entry;
use crate::reply::{Answer, IntoAnswer};

/// How long Aghanim is asked to wait, where it is this crate that asks.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// An authenticated request on its way to the handler that takes its event type.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "not for users")]
pub struct Delivery<S> {
    pub(super) parts: Box<Parts>,
    pub(super) body: Bytes,
    pub(super) state: S,
    pub(super) endpoint: Arc<Endpoint<S>>,
}

impl<S: Send + Sync + 'static> Delivery<S> {
    /// Answers it with a handler, which takes what is extracted from the request, and the event.
    ///
    /// All that can be done for every handler alike is done here and not in the expansion, so that the compiler does it
    /// once.
    pub fn run<L, P, X, A, R, T, E, H, F>(
        self,
        _: L,
        _: P,
        codec: Codec<A, R>,
        // Pointers, as what a type parameter requires of a conversion would be reported once more.
        into_answer: IntoAnswer<T, R, E>,
        into_rejection: fn(E) -> Rejection,
        handler: H,
    ) -> AnswerFuture
    where
        L: Listed,
        P: ProvidesAll<X, S>,
        X: Send,
        A: Send + 'static,
        R: 'static,
        T: 'static,
        E: 'static,
        H: FnOnce(X, A) -> F + Send + 'static,
        F: Future<Output = T> + Send,
    {
        let handler = move |event, mut parts: Box<Parts>, state: S| async move {
            let extracted = P::extract(&mut parts, &state).await?;
            into_answer(handler(extracted, event).await, codec.write).unwrap_or_else(|error| Err(into_rejection(error)))
        };
        Box::pin(self.answer_in_time(const { &L::ENTRY }, codec, handler))
    }

    /// Envelope and payload, idempotency, handler, answer; all within the endpoint's timeout.
    fn answer_in_time<A, R, H>(
        self,
        entry: &'static Entry,
        codec: Codec<A, R>,
        handler: H,
    ) -> impl Future<Output = Answer> + Send + 'static
    where
        A: Send + 'static,
        R: 'static,
        H: Handler<A, S>,
    {
        async move {
            let deadline = Instant::now() + self.endpoint.timeout;
            let answered = pin!(AssertUnwindSafe(self.answer(entry, codec, handler, deadline)).catch_unwind());
            match within(deadline, answered).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(panic)) => panicked(&*panic),
                Err(_) => too_slow(entry),
            }
        }
    }

    fn answer<A, R, H>(
        self,
        entry: &'static Entry,
        codec: Codec<A, R>,
        handler: H,
        deadline: Instant,
    ) -> impl Future<Output = Answer> + Send + 'static
    where
        A: Send + 'static,
        R: 'static,
        H: Handler<A, S>,
    {
        async move {
            match self.read(entry, &codec, handler, deadline) {
                Read::Call(call) => call.run().await.answer,
                Read::Once(once, asked, call) => once::answer(once, asked, call).await,
                Read::Transaction(once, call) => Box::pin(once::answer_without_key(once, call)).await,
                Read::Answer(answer) => answer,
                Read::Malformed { malformed, endpoint, body } => {
                    match answered_before(&endpoint, &body, deadline).await {
                        Some(answer) => answer,
                        None => Refusal::malformed(malformed).into_answer(),
                    }
                }
            }
        }
    }

    /// Envelope and payload, and what is to be done with them.
    fn read<A, R, H>(
        self,
        entry: &'static Entry,
        codec: &Codec<A, R>,
        handler: H,
        deadline: Instant,
    ) -> Read<S, impl Start>
    where
        A: Send + 'static,
        R: 'static,
        H: Handler<A, S>,
    {
        let Self { parts, body, state, endpoint } = self;
        let json = match std::str::from_utf8(&body) {
            Ok(json) => json,
            Err(error) => return Read::Answer(Refusal::malformed(error).into_answer()),
        };
        let (envelope, event) = match codec.read(json, &body) {
            Ok(read) => read,
            Err(malformed) => return Read::Malformed { malformed, endpoint, body },
        };
        let event_type = &*envelope.event_type.0;
        let sandbox = envelope.sandbox.unwrap_or(false);
        for limit in [endpoint.limit, entry.limit].into_iter().flatten() {
            if let Some(outcome) = limit.outcome(TypeId::of::<R>(), event_type, sandbox) {
                let answer = outcome.and_then(|ack| Answer::reply(&ack)).unwrap_or_else(|no| refuse(&no, event_type));
                return Read::Answer(answer);
            }
        }
        if envelope.key().is_none() && endpoint.requires_key(event_type) {
            return Read::Answer(Refusal::no_key(event_type).into_answer());
        }
        let asked = endpoint.once.as_ref().and_then(|_| Asked::new(&endpoint, &envelope, json, deadline));
        let call = Call { entry, body, parts, start: |parts| handler(event, parts, state) };
        match (&endpoint.once, asked) {
            (Some(once), Some(asked)) => Read::Once(once.clone(), asked, call),
            (Some(once), None) if entry.transaction.is_some() => Read::Transaction(once.clone(), call),
            _ => Read::Call(call),
        }
    }
}

/// What is to be done with an event that has been read.
enum Read<S, H> {
    /// No key, or no store: the handler is called each time.
    Call(Call<H>),
    /// The handler is called once.
    Once(Once, Asked, Call<H>),
    /// The handler is called each time, in a transaction.
    Transaction(Once, Call<H>),
    /// There is nothing more to do.
    Answer(Answer),
    /// It can't be read.
    Malformed { malformed: Malformed, endpoint: Arc<Endpoint<S>>, body: Bytes },
}

/// A body that does not fit its payload may still repeat an event that has been answered, when the payload type has
/// changed in between.
#[cold]
async fn answered_before<S>(endpoint: &Endpoint<S>, body: &[u8], deadline: Instant) -> Option<Answer> {
    let once = endpoint.once.as_ref()?;
    let json = std::str::from_utf8(body).ok()?;
    let envelope = envelope::parse::<IgnoredAny>(json).ok()?;
    once.answered_before(&Asked::new(endpoint, &envelope, json, deadline)?).await
}

/// What is left to do for an event: the handler.
pub(super) struct Call<H> {
    pub(super) entry: &'static Entry,
    /// The event as it came, for a refusal to look up its type.
    body: Bytes,
    pub(super) parts: Box<Parts>,
    /// Has the event and the state.
    start: H,
}

/// What a handler does with an event, the head of its request and a state.
trait Handler<A, S>: FnOnce(A, Box<Parts>, S) -> Self::Handling + Send + 'static {
    type Handling: Future<Output = Result<Answer, Rejection>> + Send + 'static;
}

impl<T, F, A, S> Handler<A, S> for T
where
    T: FnOnce(A, Box<Parts>, S) -> F + Send + 'static,
    F: Future<Output = Result<Answer, Rejection>> + Send + 'static,
{
    type Handling = F;
}

/// The same, when only the head of the request is missing.
pub(super) trait Start: FnOnce(Box<Parts>) -> Self::Handling + Send + 'static {
    type Handling: Future<Output = Result<Answer, Rejection>> + Send + 'static;
}

impl<T, F> Start for T
where
    T: FnOnce(Box<Parts>) -> F + Send + 'static,
    F: Future<Output = Result<Answer, Rejection>> + Send + 'static,
{
    type Handling = F;
}

/// A handler's answer, and whether it stands.
pub(super) struct Handled {
    pub(super) answer: Answer,
    pub(super) outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The handler's yes.
    Accepted,
    /// The handler's last word, which is no.
    Refused,
    /// Nobody's decision: to be tried again.
    Failed,
}

impl<H: Start> Call<H> {
    /// Extractors, handler, and the answer as it goes out.
    pub(super) fn run(self) -> impl Future<Output = Handled> + Send + 'static {
        let Self { body, parts, start, .. } = self;
        AssertUnwindSafe(start(parts)).catch_unwind().map(move |answered| match answered {
            Ok(Ok(answer)) => Handled { answer, outcome: Outcome::Accepted },
            Ok(Err(rejection)) => {
                let outcome = if rejection.is_decision() { Outcome::Refused } else { Outcome::Failed };
                let event_type = envelope::event_type(&body).unwrap_or_default();
                let answer = refuse(&rejection, &event_type);
                // What the database can't do now it may do later, whoever asked it.
                let outage = outcome == Outcome::Failed && rejection.cause().is_some_and(StoreError::is_outage);
                Handled { answer: if outage { not_now() } else { answer }, outcome }
            }
            Err(panic) => Handled { answer: panicked(&*panic), outcome: Outcome::Failed },
        })
    }
}

/// A rejection in the shape of the event's own contract.
#[cold]
fn refuse(rejection: &Rejection, event_type: &str) -> Answer {
    if let Some(cause) = rejection.cause() {
        // As text, which a subscriber escapes: it may hold what a sender wrote.
        tracing::error!(event_type, cause = chain(cause), "a handler failed");
    }
    let status = StatusCode::from_u16(rejection.status()).expect("a rejection's status is one");
    let in_body = catalogue::find(event_type).is_some_and(|event| event.refusal == catalogue::Refusal::InBody);
    let status = if in_body && rejection.is_decision() { StatusCode::OK } else { status };
    Answer { retry_after: rejection.retry_after(), ..Answer::error(status, rejection.code(), rejection.message()) }
}

/// An error and what caused it, in one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// A handler panicked: 500, and what it said is logged.
#[cold]
fn panicked(panic: &(dyn std::any::Any + Send)) -> Answer {
    let said = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = said.unwrap_or("(no text)"), "a handler panicked");
    Answer::error(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "Internal error")
}

#[cold]
pub(super) fn too_slow(entry: &Entry) -> Answer {
    tracing::error!(handler = entry.name, "not answered within `Webhooks::timeout`");
    not_now()
}

/// 503 with `Retry-After`.
pub(super) fn not_now() -> Answer {
    let answer = Answer::error(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Try again later");
    Answer { retry_after: Some(RETRY_AFTER), ..answer }
}
