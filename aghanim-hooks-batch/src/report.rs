use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::shape::Shape;

/// The outcome of a batch so far: what was handled, and which lines failed.
///
/// With a [checkpoint](crate::Batch::checkpoint), it covers the earlier runs too. It is `Serialize`, to be kept or sent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The shape in which the file came.
    pub shape: Shape,
    /// The number of events so far: the sum of the next four.
    pub events: u64,
    /// Events that their handler accepted now.
    pub answered: u64,
    /// Events that were answered before, by a delivery or an earlier run: the stored answer was an acceptance.
    pub replayed: u64,
    /// Events that were acknowledged without a handler: of an unknown type, or of the other environment, where the
    /// endpoint says so.
    pub ignored: u64,
    /// Events that failed or were refused. The first of them are in [`failures`](Self::failures).
    pub failed: u64,
    /// The first failed events, as many as [`Batch::failures`](crate::Batch::failures) keeps.
    pub failures: Vec<Failure>,
    /// Events that Aghanim does not put into batches, by name, with their number: `player.verify`, `player.lookup`,
    /// `store.get`, `item.add`, `item.remove`. They were handled like all others.
    pub unexpected: BTreeMap<String, u64>,
    /// The bytes of text up to here, decompressed, without the byte order mark.
    pub bytes: u64,
}

impl Report {
    /// The number of failed events that [`failures`](Self::failures) has no place for.
    #[must_use]
    pub fn failures_left_out(&self) -> u64 {
        self.failed - self.failures.len() as u64
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { events, answered, replayed, ignored, failed, shape, .. } = self;
        write!(
            f,
            "{events} events ({shape}): {answered} handled, {replayed} known, {ignored} ignored, {failed} failed"
        )?;
        for (event, number) in &self.unexpected {
            write!(f, "\n  {number} {event}, which is not documented to come in batches")?;
        }
        for failure in &self.failures {
            write!(f, "\n  {failure}")?;
        }
        match self.failures_left_out() {
            0 => Ok(()),
            rest => write!(f, "\n  and {rest} more"),
        }
    }
}

/// An event of a batch that failed or was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failure {
    /// The number of its line, from 1; in an array, the number of the element.
    pub number: u64,
    /// The offset of its beginning in the file: bytes of decompressed text, without the byte order mark.
    pub offset: u64,
    /// The `event_type`, if it can be read. Long texts are cut, here and below.
    pub event: Option<String>,
    /// The `event_id`, if there is one.
    pub event_id: Option<String>,
    /// The `idempotency_key`, if there is one.
    pub key: Option<String>,
    /// The outcome, as the observer names it: see [`Outcome::label`](aghanim_hooks::observer::Outcome::label).
    pub outcome: String,
    /// The status of the answer that a delivery would get.
    pub status: u16,
    /// The answer's `code`, such as `validation_error`.
    pub code: String,
    /// The answer's `message`. For a failure in a handler, it has the id under which the log has the cause.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.number)?;
        for text in [&self.event, &self.event_id, &self.key].into_iter().flatten() {
            write!(f, "{} ", text.escape_debug())?;
        }
        write!(f, "{} {}: {}", self.status, self.code.escape_debug(), self.message.escape_debug())
    }
}
