//! The way of an event to its handler, once its sender is trusted.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use http::request::Parts;
use tokio::time::Instant;
use tracing::Instrument;

use super::context::Context;
use super::delivery::{AnswerFuture, Delivery};
use super::handlers::Handlers;
use super::notes::Notes;
use super::refusal::Refusal;
use super::settings::Settings;
use super::within::within;
use super::{call, route};
use crate::answer::Answer;
use crate::handler::AnyState;
use crate::observer::Outcome;
use crate::signature::Signature;

/// The signature of a request, and the index of the secret that made it.
pub(super) struct Signed {
    pub(super) signature: Signature,
    pub(super) secret: usize,
}

/// An event on its way through its handler.
pub(super) struct Dispatched {
    answer: AnswerFuture,
    deadline: Instant,
    handler: &'static str,
}

/// Finds the handler of an event and starts its future, unless the event is put off.
///
/// `signed` is `None` for an event without a signature of its own, such as a line of a batch.
pub(super) fn dispatch<S: AnyState>(
    parts: Parts,
    body: Bytes,
    state: S,
    settings: Arc<Settings>,
    handlers: &Handlers<S>,
    signed: Option<&Signed>,
    notes: &mut Notes,
) -> Result<Dispatched, Refusal> {
    let deadline = Instant::now() + settings.timeout;
    let (index, event_type) = route::find(handlers, &body, settings.unknown_events, notes)?;
    let entry = handlers.entry(index);
    notes.event(|| route::label(&event_type, entry), &event_type);
    let places = settings.shared.gates.pass(&event_type, &settings.concurrency)?;
    notes.begin_span(&event_type, signed.map(|signed| signed.secret), &parts.headers);
    let context = Box::new(Context {
        event_type,
        entry,
        settings,
        deadline,
        signature: signed.map(|signed| signed.signature),
        notes: notes.clone(),
        _places: places,
        task: None,
    });
    let answer = handlers.dispatch(index, Delivery::new(parts, body, state, context));
    Ok(Dispatched { answer, deadline, handler: entry.name })
}

impl Dispatched {
    /// Waits for the answer, within the span of the delivery.
    pub(super) async fn answer(self, notes: &Notes) -> Answer {
        self.in_time(notes).instrument(notes.span.clone()).await
    }

    /// Waits for the answer until the deadline. The handler is then dropped at its current `.await`.
    async fn in_time(self, notes: &Notes) -> Answer {
        let Self { answer, deadline, handler } = self;
        match within(|| deadline, AssertUnwindSafe(answer).catch_unwind()).await {
            Some(Ok(answer)) => answer,
            Some(Err(panic)) => {
                notes.outcome(Outcome::Failed);
                call::panicked(&*panic)
            }
            None => {
                notes.outcome(Outcome::TimedOut);
                call::too_slow(handler)
            }
        }
    }
}
