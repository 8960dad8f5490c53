//! Events without a signature of their own, such as the lines of a batch: route, decode, idempotency, handler, answer.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;

use super::check::ConfigError;
use super::dispatch::dispatch;
use super::handlers::Handlers;
use super::notes::{Notes, Watched};
use super::refusal::Refusal;
use super::settings::Settings;
use super::webhooks::Webhooks;
use crate::answer::Answer;
use crate::handler::AnyState;
use crate::observer::Outcome;

/// The handlers of an endpoint, for events that the caller vouches for.
///
/// Nothing here checks a signature. Never call it with bytes that a request brought.
#[doc(hidden)]
pub struct Unsigned<S> {
    settings: Arc<Settings>,
    handlers: Handlers<S>,
    state: S,
}

/// The answer that a delivery of the event would get, and why.
#[doc(hidden)]
#[derive(Debug)]
pub struct Verdict {
    /// The event, from a bounded set: see [`Report::event`](crate::observer::Report::event).
    pub event: &'static str,
    pub status: http::StatusCode,
    pub body: Bytes,
    pub outcome: Outcome<'static>,
}

impl<S: AnyState + Clone> Webhooks<S> {
    /// The handlers of this endpoint, for events without a signature. For `aghanim-hooks-batch`.
    ///
    /// # Errors
    /// Fails if [`check`](Self::check) finds one.
    #[doc(hidden)]
    pub fn unsigned(&self, state: S) -> Result<Unsigned<S>, ConfigError> {
        self.check()?;
        Ok(Unsigned { settings: Arc::clone(&self.settings), handlers: self.handlers.clone(), state })
    }
}

impl<S: AnyState + Clone> Unsigned<S> {
    /// The longest event, in bytes.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.settings.body_limit
    }

    /// Answers one event. The extractors take from `parts`.
    pub async fn answer(&self, event: Bytes, parts: Parts) -> Verdict {
        let mut watched = Notes::begin_always(self.settings.observer.as_ref());
        watched.notes.unsigned(event.len());
        let answer = match self.deliver(event, parts, &mut watched.notes).await {
            Ok(answer) => answer,
            Err(refusal) => {
                refusal.note(&watched.notes);
                refusal.into_answer()
            }
        };
        Verdict::new(answer, watched)
    }

    /// Answers an event that is longer than the [limit](Self::limit), and was not kept.
    #[must_use]
    pub fn too_large(&self, bytes: usize) -> Verdict {
        let watched = Notes::begin_always(self.settings.observer.as_ref());
        watched.notes.unsigned(bytes);
        let refusal = Refusal::TooLarge { limit: self.settings.body_limit };
        refusal.note(&watched.notes);
        let answer = refusal.into_answer();
        Verdict::new(answer, watched)
    }

    async fn deliver(&self, event: Bytes, parts: Parts, notes: &mut Notes) -> Result<Answer, Refusal> {
        let (state, settings) = (self.state.clone(), Arc::clone(&self.settings));
        Ok(dispatch(parts, event, state, settings, &self.handlers, None, notes)?.answer(notes).await)
    }
}

impl Verdict {
    fn new(answer: Answer, watched: Watched) -> Self {
        let (event, outcome) = watched.notes.settled(answer.status);
        watched.end(answer.status);
        Self { event, status: answer.status, body: answer.body, outcome }
    }
}

impl<S> std::fmt::Debug for Unsigned<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unsigned").field("handlers", &self.handlers).finish_non_exhaustive()
    }
}
