use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use aghanim_hooks::__private::{AnyState, Unsigned};
use aghanim_hooks::{ConfigError, Webhooks};
use http::Request;
use http::request::Parts;
use tokio::io::AsyncRead;

use crate::answer::Answers;
use crate::checkpoint::Checkpoint;
use crate::error::{BatchError, ErrorKind};
use crate::pieces::Pieces;
use crate::report::Report;
use crate::run::{Progress, Run};

/// The number of failures that a report keeps by default.
const DEFAULT_FAILURES: usize = 100;

/// The default patience. It is longer than the lease of an endpoint with the default timeout, which an event that was
/// being handled when a process was killed has to wait for.
const DEFAULT_PATIENCE: Duration = Duration::from_mins(1);

/// The default time between two writes of the checkpoint.
const DEFAULT_SAVE_EVERY: Duration = Duration::from_secs(1);

/// Puts the events of a file through the handlers of an endpoint.
///
/// Nothing in the file is signed: run it only for a file that a signed `batch.ready` named, or that you made yourself.
/// The [crate's documentation](crate) has an example and the guarantees.
pub struct Batch<S = ()> {
    handlers: Unsigned<S>,
    parts: Parts,
    concurrency: usize,
    patience: Duration,
    failures: usize,
    checkpoint: Option<PathBuf>,
    save_every: Duration,
    progress: Option<Progress>,
}

impl<S: AnyState + Clone> Batch<S> {
    /// Prepares a run with the handlers and settings of an endpoint, and the state that the handlers' extractors take from.
    ///
    /// # Errors
    /// When the endpoint's settings contradict each other: see [`Webhooks::check`].
    pub fn new(hooks: &Webhooks<S>, state: S) -> Result<Self, ConfigError> {
        let (parts, ()) = Request::new(()).into_parts();
        Ok(Self {
            handlers: hooks.unsigned(state)?,
            parts,
            concurrency: 1,
            patience: DEFAULT_PATIENCE,
            failures: DEFAULT_FAILURES,
            checkpoint: None,
            save_every: DEFAULT_SAVE_EVERY,
            progress: None,
        })
    }

    /// Sets how many events are handled at once: 1 by default, which keeps their order.
    ///
    /// With more, an event may be handled before one that is above it in the file. The memory grows by the endpoint's
    /// [body limit](Webhooks::body_limit) for each, at most.
    #[must_use]
    pub fn concurrency(mut self, events: usize) -> Self {
        self.concurrency = events.max(1);
        self
    }

    /// Sets how long to try again with an event that is answered with 503: 60 seconds by default.
    ///
    /// After that, the run [ends](ErrorKind::Unavailable) if the store is down or the event is paused or over a limit of
    /// concurrency. An event whose handler is too slow, or asks for a retry, is a failed event, and the next one follows.
    ///
    /// Keep it above three of the endpoint's [timeouts](Webhooks::timeout): if a process is killed, an event whose handler
    /// takes no `Tx` is leased to it for that long.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Sets how many [failures](Report::failures) the report keeps: 100 by default. All are counted.
    #[must_use]
    pub fn failures(mut self, most: usize) -> Self {
        self.failures = most;
        self
    }

    /// Keeps the place up to which the batch was handled in this file, so that a run after a kill goes on there.
    ///
    /// Use one checkpoint per batch file, and one run at a time. The next run must get the same file from its beginning:
    /// the text before the place is read again, compared by a checksum and skipped. A run after a complete one handles
    /// nothing and returns the same report.
    ///
    /// Failed events are behind the place too, and are not tried again. To try them again, remove the checkpoint: all
    /// events with a key that succeeded get their stored answer.
    ///
    /// The file is replaced [once a second](Self::save_every) and at the end, atomically. It contains the report.
    #[must_use]
    pub fn checkpoint(mut self, path: impl Into<PathBuf>) -> Self {
        self.checkpoint = Some(path.into());
        self
    }

    /// Sets the time between two writes of the [checkpoint](Self::checkpoint): 1 second by default, zero for each event.
    ///
    /// The events since the last write are handled again after a kill. With a key, or by the
    /// [replay guard](Webhooks::replay_guard), they take effect once. Others take effect twice.
    #[must_use]
    pub fn save_every(mut self, time: Duration) -> Self {
        self.save_every = time;
        self
    }

    /// Gives a value to the handlers' `Extension` extractors, which otherwise come from layers of the router.
    #[must_use]
    pub fn extension<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.parts.extensions.insert(value);
        self
    }

    /// Calls this with the report so far after each event: for a progress bar, or a log.
    #[must_use]
    pub fn progress(mut self, progress: impl FnMut(&Report) + Send + 'static) -> Self {
        self.progress = Some(Box::new(progress));
        self
    }

    /// Reads the file to its end and handles each event.
    ///
    /// A failed event is in the report, and the next one follows. If the future is dropped, no event is begun any more;
    /// the handlers under way end as they do when a client hangs up.
    ///
    /// # Errors
    /// When the file can't be read to its end, or an event can't be handled now. The [error](BatchError) has the report
    /// of what was done.
    pub async fn run(self, file: impl AsyncRead + Send) -> Result<Report, BatchError> {
        let checkpoint = self.checkpoint.map(|path| Checkpoint::new(path, self.save_every));
        let failed = |error| BatchError::new(error, Report::default());
        let saved = match &checkpoint {
            Some(checkpoint) => checkpoint.load().map_err(|error| failed(ErrorKind::Checkpoint(error)))?,
            None => None,
        };
        let mut pieces =
            Pieces::open(file, self.handlers.limit()).await.map_err(|error| failed(ErrorKind::Read(error)))?;
        let report = match saved {
            None => Report::default(),
            Some(saved) => {
                if !pieces.go_to(&saved.place).await.map_err(|error| failed(ErrorKind::Read(error)))? {
                    return Err(failed(ErrorKind::OtherFile));
                }
                saved.report
            }
        };
        let answers = Answers { handlers: &self.handlers, parts: &self.parts, patience: self.patience };
        let run = Run {
            answers: &answers,
            concurrency: self.concurrency,
            failures: self.failures,
            checkpoint,
            progress: self.progress,
            report,
        };
        run.finish(pieces).await
    }
}

impl<S> fmt::Debug for Batch<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("handlers", &self.handlers)
            .field("concurrency", &self.concurrency)
            .field("patience", &self.patience)
            .field("failures", &self.failures)
            .field("checkpoint", &self.checkpoint)
            .field("save_every", &self.save_every)
            .finish_non_exhaustive()
    }
}
