//! An authenticated request on its way to the handler of its event.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use tokio::time::Instant;

use super::call::{Call, Run};
use super::decode::{self, Decoded};
use super::notes::Notes;
use super::refusal::Refusal;
use super::settings::Settings;
use super::{once, policy};
use crate::Rejection;
use crate::answer::Answer;
use crate::codec::Codec;
use crate::control::Places;
use crate::envelope::Malformed;
use crate::handler::{AnyState, Entry, ProvidesAll};
use crate::reply::IntoAnswer;
use crate::signature::Signature;

/// The future of an answer. Each handler boxes its own: one future for all handlers would be as large as the largest.
pub type AnswerFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// An authenticated request on its way to the handler of its event.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "not for users")]
pub struct Delivery<S> {
    parts: Parts,
    body: Bytes,
    state: S,
    context: Context,
}

/// The facts about a delivery that every step may ask for.
pub(super) struct Context {
    pub(super) event_type: String,
    pub(super) entry: &'static Entry,
    pub(super) settings: Arc<Settings>,
    /// The latest time of the answer.
    pub(super) deadline: Instant,
    pub(super) signature: Signature,
    pub(super) notes: Notes,
    /// The delivery's places in the limits of concurrency, held for as long as it is worked on.
    pub(super) _places: Places,
}

impl<S> Delivery<S> {
    pub(super) fn new(parts: Parts, body: Bytes, state: S, context: Context) -> Self {
        Self { parts, body, state, context }
    }
}

impl<S: AnyState> Delivery<S> {
    /// Answers the delivery by a handler.
    ///
    /// This is where the handler's own types end: the steps after it are the same code for every handler, which the
    /// compiler then builds once.
    pub fn run<X, A, R, T, E, F>(
        self,
        extractors: impl ProvidesAll<X, S>,
        codec: Codec<A, R>,
        // Function pointers: the bounds of a conversion would be reported once more.
        into_answer: IntoAnswer<T, R, E>,
        into_rejection: fn(E) -> Rejection,
        handler: impl FnOnce(X, A) -> F + Send + 'static,
    ) -> AnswerFuture
    where
        X: Send + 'static,
        A: Send + 'static,
        R: 'static,
        T: 'static,
        E: 'static,
        F: Future<Output = T> + Send,
    {
        let Self { parts, body, state, context } = self;
        Box::pin(async move {
            let (decoded, event) = match decode::event(&codec, &body, &context) {
                Ok(decoded) => decoded,
                Err(malformed) => return context.answer_malformed(malformed, &body).await,
            };
            let run: Run = Box::new(move |mut parts| {
                Box::pin(async move {
                    let extracted = extractors.extract(&mut parts, &state).await?;
                    let returned = handler(extracted, event).await;
                    into_answer(returned, codec.write).unwrap_or_else(|error| Err(into_rejection(error)))
                })
            });
            context.answer(decoded, Call { parts, run }).await
        })
    }
}

impl Context {
    /// policies, idempotency, handler.
    async fn answer(self, decoded: Decoded, call: Call) -> Answer {
        if let Some(answer) = policy::refuse(&self, &decoded) {
            return answer;
        }
        once::answer(self, decoded.claim, call).await
    }

    /// Answers an event whose payload cannot be read.
    ///
    /// It may be an event of the other environment, which is not ours to read, or repeat an event that was answered
    /// before the payload's type changed.
    #[cold]
    async fn answer_malformed(self, malformed: Malformed, body: &Bytes) -> Answer {
        let refusal = Refusal::malformed(&malformed);
        refusal.note(&self.notes);
        let Ok(decoded) = decode::envelope_alone(body, &self) else { return refusal.into_answer() };
        if let Some(answer) = policy::wrong_environment(&self, &decoded) {
            return answer;
        }
        match once::answered_before(&self, decoded.claim).await {
            Some(answer) => answer,
            None => refusal.into_answer(),
        }
    }
}
