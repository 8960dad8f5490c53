//! The answer to one event, with the patience to wait for it.

use std::time::Duration;

use aghanim_hooks::__private::{AnyState, Unsigned, Verdict};
use aghanim_hooks::observer::Outcome;
use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;
use tokio::time::{Instant, sleep};

use crate::names::Names;
use crate::pieces::{Content, Piece, Place};
use crate::verdict::{Judged, judge};

/// The first pause before an event is tried again. It doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Answers events.
pub(crate) struct Answers<'a, S> {
    pub(crate) handlers: &'a Unsigned<S>,
    pub(crate) parts: &'a Parts,
    pub(crate) patience: Duration,
}

/// The end of one event.
pub(crate) enum Answered {
    /// It was handled, or it failed for good.
    Done { judged: Judged, end: Place, is_last: bool },
    /// It can't be handled now. Nothing was kept of it.
    NotNow { number: u64, outcome: &'static str },
}

impl<S: AnyState + Clone> Answers<'_, S> {
    pub(crate) async fn answer(&self, piece: Piece) -> Answered {
        let (verdict, event) = match &piece.content {
            Content::TooLong(length) => (self.handlers.too_large(*length), None),
            Content::Event(event) => (self.patiently(event).await, Some(event)),
        };
        if is_closed(verdict.outcome) {
            return Answered::NotNow { number: piece.number, outcome: verdict.outcome.label() };
        }
        let names = || event.map(|event| Names::read(event)).unwrap_or_default();
        Answered::Done { judged: judge(&verdict, &piece, names), end: piece.end, is_last: piece.is_last }
    }

    /// Tries until the answer is not 503, or the patience is at its end.
    async fn patiently(&self, event: &Bytes) -> Verdict {
        let began = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let verdict = self.handlers.answer(event.clone(), self.parts.clone()).await;
            let may_pass =
                verdict.status == StatusCode::SERVICE_UNAVAILABLE && !matches!(verdict.outcome, Outcome::Draining);
            if !may_pass || began.elapsed() + pause > self.patience {
                return verdict;
            }
            sleep(pause).await;
            pause = (2 * pause).min(LONGEST_PAUSE);
        }
    }
}

/// True if the endpoint takes no event of this kind now, so that the event itself has not failed.
fn is_closed(outcome: Outcome<'_>) -> bool {
    matches!(outcome, Outcome::StoreFailed | Outcome::Paused | Outcome::Busy | Outcome::Draining)
}
