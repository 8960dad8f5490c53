//! The span, the report and the log line of an attempt.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use tracing::{Span, field};

use super::notes::guarded;
use crate::later::{Attempt, Job, Outcome};
use crate::observer::{AttemptReport, Observer};

/// An attempt under way. If it is dropped without an [`end`](Self::end), the worker was stopped.
pub(super) struct WatchedAttempt {
    observer: Option<Arc<dyn Observer>>,
    span: Span,
    began: Instant,
    event: &'static str,
    event_type: String,
    event_id: String,
    enqueued_at: Option<SystemTime>,
    attempt: Attempt,
    ended: bool,
}

impl WatchedAttempt {
    /// Begins an attempt. `event` is the event's name from a bounded set.
    pub(super) fn begin(
        observer: Option<&Arc<dyn Observer>>,
        event: &'static str,
        job: &Job,
        attempt: Attempt,
    ) -> Self {
        let event_type = &*job.event_type;
        let span = tracing::info_span!(
            "attempt",
            otel.name = %format_args!("later {event_type}"),
            otel.kind = "consumer",
            otel.status_code = field::Empty,
            messaging.operation.type = "process",
            event_type,
            event_id = job.event_id,
            attempt = attempt.number,
            of = attempt.of,
            replay = attempt.replay,
            outcome = field::Empty,
            dead_letter = field::Empty,
        );
        if let Some(observer) = observer {
            guarded(|| observer.attempt_begins(job.trace.as_deref(), &span));
        }
        Self {
            observer: observer.cloned(),
            span,
            began: Instant::now(),
            event,
            event_type: event_type.to_owned(),
            event_id: job.event_id.clone().unwrap_or_default(),
            enqueued_at: job.enqueued_at,
            attempt,
            ended: false,
        }
    }

    pub(super) fn span(&self) -> Span {
        self.span.clone()
    }

    /// Ends the attempt with an outcome, and reports it.
    pub(super) fn end(mut self, outcome: &Outcome) {
        self.ended = true;
        self.span.in_scope(|| log(&self.event_type, self.attempt, outcome));
        self.report(Some(outcome));
    }

    fn report(&self, outcome: Option<&Outcome>) {
        let report = AttemptReport {
            event: self.event,
            event_type: &self.event_type,
            event_id: &self.event_id,
            attempt: self.attempt,
            outcome,
            age: self.enqueued_at.and_then(|time| SystemTime::now().duration_since(time).ok()),
            took: self.began.elapsed(),
        };
        self.span.record("outcome", report.label());
        self.span.record("dead_letter", report.is_dead_letter());
        if !outcome.is_some_and(Outcome::is_done) {
            self.span.record("otel.status_code", "ERROR");
        }
        if let Some(observer) = &self.observer {
            guarded(|| observer.attempt(&report));
        }
    }
}

impl Drop for WatchedAttempt {
    fn drop(&mut self) {
        if !self.ended {
            self.report(None);
        }
    }
}

/// Logs what a person may have to act on. Reasons may quote a sender, so they are logged as strings, which a subscriber
/// escapes.
fn log(event_type: &str, attempt: Attempt, outcome: &Outcome) {
    let Attempt { number, of, .. } = attempt;
    match outcome {
        Outcome::Completed | Outcome::Superseded => {}
        Outcome::Failed { reason } if outcome.is_dead_letter(attempt) => {
            tracing::error!(
                event_type,
                attempt = number,
                of,
                reason,
                "the last attempt failed: the job is a dead letter"
            );
        }
        Outcome::Failed { reason } => {
            tracing::warn!(event_type, attempt = number, of, reason, "an attempt failed; the job is tried again");
        }
        Outcome::Refused { code, message } => {
            tracing::error!(event_type, code, message, "a `later` handler refused an event: the job is a dead letter");
        }
        Outcome::Lost => {
            tracing::warn!(
                event_type,
                attempt = number,
                "another worker took over the job; this attempt was rolled back"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::logged::logged;

    #[test]
    fn the_log_tells_the_last_attempt_from_those_before() {
        let line = |number, outcome: Outcome| {
            let attempt = Attempt::new(number, 3, Duration::from_secs(1));
            logged(|| log("item.add", attempt, &outcome)).join("\n")
        };
        let no = || Outcome::Failed { reason: "no".to_owned() };
        assert!(line(2, no()).contains("WARN") && line(2, no()).contains("tried again"));
        assert!(line(3, no()).contains("ERROR") && line(3, no()).contains("dead letter"));
        assert_eq!(line(1, Outcome::Completed), "");
    }
}
