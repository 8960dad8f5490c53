//! The call of a handler: its extractors, the function, and the answer to a failure or a panic.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;

use futures_util::FutureExt;
use http::request::Parts;

use super::context::Context;
use super::error_id::ErrorId;
use super::notes::Step;
use super::rejection;
use crate::Rejection;
use crate::answer::Answer;
use crate::idempotency::StoreError;
use crate::observer;
use crate::shorten::shortened_cause;

/// Runs a handler. It has the event and the state already, and gets the head of the request for the extractors.
pub(super) type Run = Box<dyn FnOnce(Parts) -> Pin<Box<dyn Future<Output = Result<Answer, Rejection>> + Send>> + Send>;

/// A handler that is ready to be called.
pub(super) struct Call {
    pub(super) parts: Parts,
    pub(super) run: Run,
}

/// A handler's answer, and what it means for the event's key.
pub(super) struct Handled {
    pub(super) answer: Answer,
    pub(super) outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The handler accepted the event.
    Accepted,
    /// The handler refused the event, finally.
    Refused,
    /// Something failed. The event should be tried again.
    Failed,
}

impl From<Outcome> for observer::Outcome<'static> {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Accepted => Self::Answered,
            Outcome::Refused => Self::Refused,
            Outcome::Failed => Self::Failed,
        }
    }
}

impl Call {
    /// Calls the handler. A panic of it is a failure.
    pub(super) async fn run(self, context: &Context) -> Handled {
        let Self { parts, run } = self;
        context.notes.step(Step::Started);
        // The handler's future is made inside the block, because making it runs the user's code too.
        let called = AssertUnwindSafe(async move { run(parts).await }).catch_unwind().await;
        let handled = match called {
            Ok(Ok(answer)) => Handled { answer, outcome: Outcome::Accepted },
            Ok(Err(rejection)) => rejected(&rejection, &context.event_type),
            Err(panic) => Handled { answer: panicked(&*panic), outcome: Outcome::Failed },
        };
        context.notes.handled(handled.outcome.into());
        handled
    }
}

fn rejected(rejection: &Rejection, event_type: &str) -> Handled {
    let answer = rejection::answer(rejection, event_type);
    if rejection.is_decision() {
        return Handled { answer, outcome: Outcome::Refused };
    }
    // A database outage may be over soon, also if the handler's own query met it.
    let outage = rejection.cause().is_some_and(StoreError::is_outage);
    Handled { answer: if outage { Answer::unavailable() } else { answer }, outcome: Outcome::Failed }
}

/// Answers 500 for a panic of a handler, and logs its message.
#[cold]
pub(super) fn panicked(panic: &(dyn Any + Send)) -> Answer {
    let id = ErrorId::new();
    tracing::error!(%id, panic = &*shortened_cause(panic_message(panic)), "a handler panicked");
    Answer::internal_error(id)
}

/// The text that a panic was called with.
pub(super) fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let message = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    message.unwrap_or("(no text)")
}

/// Answers 503 for a handler that did not finish by the deadline.
#[cold]
pub(super) fn too_slow(handler: &str) -> Answer {
    tracing::error!(handler, "not answered within `Webhooks::timeout`");
    Answer::unavailable()
}
