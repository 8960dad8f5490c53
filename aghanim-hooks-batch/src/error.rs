use std::error::Error;
use std::fmt;
use std::io;

use crate::report::Report;

/// A batch that was not read to its end.
///
/// The events before that place were handled; [`report`](Self::report) has their outcome. Run the batch again: events
/// with a key get their stored answer, and with a [checkpoint](crate::Batch::checkpoint) the run goes on at that place.
#[derive(Debug)]
pub struct BatchError {
    kind: ErrorKind,
    report: Box<Report>,
}

/// The reason why a batch was not read to its end.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The file could not be read: the connection broke, or a gzip file is damaged or cut off.
    Read(io::Error),
    /// The file ended inside an array, so events may be missing.
    CutOff,
    /// The endpoint could not take an event now, and did not for as long as [`Batch::patience`](crate::Batch::patience)
    /// waits: its store is down, the event is paused or over a limit of concurrency, or the endpoint is draining.
    Unavailable {
        /// The number of the event's line, from 1.
        number: u64,
        /// The outcome as the observer names it: `store_failed`, `paused`, `busy` or `draining`.
        outcome: &'static str,
    },
    /// The checkpoint could not be read or written.
    Checkpoint(io::Error),
    /// The checkpoint belongs to another file: the text before its place is not the same.
    OtherFile,
}

impl BatchError {
    pub(crate) fn new(kind: ErrorKind, report: Report) -> Self {
        Self { kind, report: Box::new(report) }
    }

    /// The reason.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The outcome of the events before that place.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Read(error) => write!(f, "the file could not be read: {error}")?,
            ErrorKind::CutOff => f.write_str("the file ends inside an array, so events may be missing")?,
            ErrorKind::Unavailable { number, outcome } => write!(f, "event {number} can't be handled now ({outcome})")?,
            ErrorKind::Checkpoint(error) => write!(f, "the checkpoint could not be read or written: {error}")?,
            ErrorKind::OtherFile => {
                f.write_str("the checkpoint belongs to another file: remove it to begin at the first event")?;
            }
        }
        write!(f, ", after {} events", self.report.events)
    }
}

impl Error for BatchError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            ErrorKind::Read(error) | ErrorKind::Checkpoint(error) => Some(error),
            _ => None,
        }
    }
}
