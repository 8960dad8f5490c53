use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http::StatusCode;
use http::request::Parts;
use serde::de::IgnoredAny;
use tokio::time::Instant;

use super::Endpoint;
use super::once::{self, Asked};
use super::refusal::Refusal;
use crate::Rejection;
use crate::envelope;
use crate::events::catalogue;
use crate::handler::Webhook;
use crate::idempotency::{Key, StoreError};
use crate::reply::Answer;

/// How long Aghanim is asked to wait, where it is this crate that asks.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// An authenticated request on its way to the handler that takes its event type.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "not for users")]
pub struct Delivery<S> {
    pub(super) parts: Parts,
    pub(super) body: Bytes,
    pub(super) state: S,
    pub(super) endpoint: Arc<Endpoint<S>>,
}

impl<S: Send + Sync + 'static> Delivery<S> {
    /// Envelope and payload, idempotency, handler, answer; all within the endpoint's timeout.
    pub(crate) async fn run<H: Webhook<S>>(self) -> Answer {
        let deadline = Instant::now() + self.endpoint.timeout;
        let answered = AssertUnwindSafe(self.answer::<H>(deadline)).catch_unwind();
        match tokio::time::timeout_at(deadline, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(panic)) => panicked(&*panic),
            Err(_) => too_slow::<H>(),
        }
    }

    async fn answer<H: Webhook<S>>(self, deadline: Instant) -> Answer {
        let Self { parts, body, state, endpoint } = self;
        let json = match std::str::from_utf8(&body) {
            Ok(json) => json,
            Err(error) => return Refusal::malformed(error).into_answer(),
        };
        let (envelope, event) = match H::READ.read(json, &body) {
            Ok(read) => read,
            Err(malformed) => match answered_before(&endpoint, json, deadline).await {
                Some(answer) => return answer,
                None => return Refusal::malformed(malformed).into_answer(),
            },
        };
        let event_type = envelope.event_type.0.clone().into_owned();
        let sandbox = envelope.sandbox.unwrap_or(false);
        for limit in [endpoint.limit, H::LIMIT].into_iter().flatten() {
            if let Some(outcome) = limit.outcome(H::READ.reply(), &event_type, sandbox) {
                return outcome.and_then(|ack| Answer::reply(&ack)).unwrap_or_else(|no| refuse(&no, &event_type));
            }
        }
        let key = Key::of(&envelope);
        if key.is_none() && endpoint.requires_key(&event_type) {
            return Refusal::NoKey(event_type).into_answer();
        }
        let call = Call::<S, H> { event, event_type, parts, state };
        match (&endpoint.once, key) {
            (Some(once), Some(key)) => {
                let asked = Asked::new(&endpoint, key, json, deadline);
                Box::pin(once::answer(once.clone(), asked, call)).await
            }
            (Some(once), None) if H::ENTRY.transaction.is_some() => {
                Box::pin(once::answer_without_key(once.clone(), call)).await
            }
            _ => call.run().await.answer,
        }
    }
}

/// A body that does not fit its payload may still repeat an event that has been answered, when the payload type has
/// changed in between.
#[cold]
async fn answered_before<S>(endpoint: &Endpoint<S>, json: &str, deadline: Instant) -> Option<Answer> {
    let once = endpoint.once.as_ref()?;
    let key = Key::of(&envelope::parse::<IgnoredAny>(json).ok()?)?;
    once.answered_before(&Asked::new(endpoint, key, json, deadline)).await
}

/// What is left to do for an event: the handler.
pub(super) struct Call<S, H: Webhook<S>> {
    pub(super) event: H::Argument,
    pub(super) event_type: String,
    pub(super) parts: Parts,
    pub(super) state: S,
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

impl<S: Send + Sync + 'static, H: Webhook<S>> Call<S, H> {
    /// Extractors, handler, and the answer as it goes out.
    pub(super) async fn run(self) -> Handled {
        let Self { event, event_type, parts, state } = self;
        match AssertUnwindSafe(H::call(event, parts, state)).catch_unwind().await {
            Ok(Ok(answer)) => Handled { answer, outcome: Outcome::Accepted },
            Ok(Err(rejection)) => {
                let outcome = if rejection.is_decision() { Outcome::Refused } else { Outcome::Failed };
                let answer = refuse(&rejection, &event_type);
                // What the database can't do now it may do later, whoever asked it.
                let outage = outcome == Outcome::Failed && rejection.cause().is_some_and(StoreError::is_outage);
                Handled { answer: if outage { not_now() } else { answer }, outcome }
            }
            Err(panic) => Handled { answer: panicked(&*panic), outcome: Outcome::Failed },
        }
    }
}

/// A rejection in the shape of the event's own contract.
#[cold]
fn refuse(rejection: &Rejection, event_type: &str) -> Answer {
    if let Some(cause) = rejection.cause() {
        tracing::error!(event_type, cause, "a handler failed");
    }
    let status = StatusCode::from_u16(rejection.status()).expect("a rejection's status is one");
    let in_body = catalogue::find(event_type).is_some_and(|event| event.refusal == catalogue::Refusal::InBody);
    let status = if in_body && rejection.is_decision() { StatusCode::OK } else { status };
    Answer { retry_after: rejection.retry_after(), ..Answer::error(status, rejection.code(), rejection.message()) }
}

/// A handler panicked: 500, and what it said is logged.
#[cold]
pub(super) fn panicked(panic: &(dyn std::any::Any + Send)) -> Answer {
    let said = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = said.unwrap_or("(no text)"), "a handler panicked");
    Answer::error(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "Internal error")
}

#[cold]
pub(super) fn too_slow<H: crate::handler::Listed>() -> Answer {
    tracing::error!(handler = H::ENTRY.name, "not answered within `Webhooks::timeout`");
    not_now()
}

/// 503 with `Retry-After`.
pub(super) fn not_now() -> Answer {
    let answer = Answer::error(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Try again later");
    Answer { retry_after: Some(RETRY_AFTER), ..answer }
}
