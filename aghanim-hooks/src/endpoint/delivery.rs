//! An authenticated request on its way to the handler of its event.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use http::request::Parts;

use super::call::{Call, Run};
use super::context::Context;
use super::decode::{self, Decoded};
use super::refusal::Refusal;
use super::{defer, environment, once, required_key, work};
use crate::Rejection;
use crate::answer::Answer;
use crate::codec::Codec;
use crate::envelope::Malformed;
use crate::handler::{AnyState, ProvidesAll};
use crate::reply::IntoAnswer;

/// The future of an answer. Each handler boxes its own: one future for all handlers would be as large as the largest.
pub type AnswerFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// An authenticated request on its way to the handler of its event.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "not for users")]
pub struct Delivery<S> {
    parts: Parts,
    body: Bytes,
    state: S,
    context: Box<Context>,
}

impl<S> Delivery<S> {
    pub(super) fn new(parts: Parts, body: Bytes, state: S, context: Box<Context>) -> Self {
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
        // Function pointers, because the compiler would report the bounds of a generic conversion a second time.
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
        let Self { parts, body, state, mut context } = self;
        Box::pin(async move {
            let (decoded, event) = match decode::event(&codec, &body, &context) {
                Ok(decoded) => decoded,
                Err(malformed) => return Box::pin(answer_malformed(context, malformed, &body)).await,
            };
            let task = context.task.take();
            let run: Run = Box::new(move |mut parts| {
                Box::pin(async move {
                    let extracted = extractors.extract(&mut parts, &state).await?;
                    let returned = handler(extracted, event).await;
                    into_answer(returned, codec.write).unwrap_or_else(|error| Err(into_rejection(error)))
                })
            });
            let call = Call { parts, run };
            match task {
                None => answer(context, decoded, call, &body).await,
                Some(task) => Box::pin(work::answer(task, &context, &body, call)).await,
            }
        })
    }
}

/// Answers a decoded event, step by step: policies, idempotency, handler.
async fn answer(context: Box<Context>, decoded: Decoded, call: Call, body: &Bytes) -> Answer {
    if let Some(answer) = refuse(&context, &decoded) {
        return answer;
    }
    let call = match context.entry.later {
        None => call,
        Some(policy) => defer::enqueue(&context, policy, body, call.parts),
    };
    once::answer(context, decoded.claim, call).await
}

/// The answer to an event that must not reach its handler.
fn refuse(context: &Context, decoded: &Decoded) -> Option<Answer> {
    environment::missing_flag(context, decoded)
        .or_else(|| environment::wrong_environment(context, decoded))
        .or_else(|| required_key::missing_key(context, decoded))
}

/// Answers an event whose payload cannot be read.
///
/// It may be an event of the other environment, which this endpoint does not read. Or it may be a duplicate of an event
/// that was answered before the payload's type changed.
#[cold]
async fn answer_malformed(mut context: Box<Context>, malformed: Malformed, body: &Bytes) -> Answer {
    if let Some(task) = context.task.take() {
        return task.ends(work::failed(malformed.to_string()));
    }
    let refusal = Refusal::malformed(&malformed);
    refusal.note(&context.notes);
    let Ok(decoded) = decode::envelope_alone(body, &context) else { return refusal.into_answer() };
    if let Some(answer) = environment::wrong_environment(&context, &decoded) {
        return answer;
    }
    match once::answered_before(&context, decoded.claim).await {
        Some(answer) => answer,
        None => refusal.into_answer(),
    }
}
