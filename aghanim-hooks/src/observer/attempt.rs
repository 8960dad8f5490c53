use std::time::Duration;

use crate::later::{Attempt, Outcome};

/// One attempt at the job of a `later` handler: its event, its outcome, its times.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AttemptReport<'a> {
    /// The event, from a bounded set, as in [`Report::event`](super::Report::event).
    /// [`Report::OTHER`](super::Report::OTHER) if this worker has no handler for it.
    pub event: &'static str,
    /// The event's own type, as received. Not bounded: do not use it as a label.
    pub event_type: &'a str,
    /// Aghanim's id of the event. Empty if absent.
    pub event_id: &'a str,
    /// The attempt's number, and how many the job has.
    pub attempt: Attempt,
    /// The result. `None` if the attempt was dropped, for example because the worker was stopped: it is then made again.
    pub outcome: Option<&'a Outcome>,
    /// The time from the delivery to the end of this attempt, if the engine knows it.
    pub age: Option<Duration>,
    /// The time that the attempt took.
    pub took: Duration,
}

impl AttemptReport<'_> {
    /// The values of [`label`](Self::label).
    pub const LABELS: &'static [&'static str] = &["completed", "superseded", "failed", "refused", "lost", "dropped"];

    /// The outcome's name in metrics, one of [`LABELS`](Self::LABELS).
    #[must_use]
    pub fn label(&self) -> &'static str {
        self.outcome.map_or("dropped", Outcome::label)
    }

    /// True if this attempt made the job a dead letter: nothing happens any more unless a person asks for it.
    #[must_use]
    pub fn is_dead_letter(&self) -> bool {
        self.outcome.is_some_and(|outcome| outcome.is_dead_letter(self.attempt))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observer::Report;

    #[test]
    fn each_outcome_has_a_label_in_the_list() {
        let outcomes = [
            Some(Outcome::Completed),
            Some(Outcome::Superseded),
            Some(Outcome::Failed { reason: String::new() }),
            Some(Outcome::Refused { code: String::new(), message: String::new() }),
            Some(Outcome::Lost),
            None,
        ];
        let labels: Vec<_> = outcomes
            .iter()
            .map(|outcome| {
                let report = AttemptReport {
                    event: Report::OTHER,
                    event_type: "",
                    event_id: "",
                    attempt: Attempt::new(1, 1, Duration::ZERO),
                    outcome: outcome.as_ref(),
                    age: None,
                    took: Duration::ZERO,
                };
                report.label()
            })
            .collect();
        assert_eq!(labels, AttemptReport::LABELS);
    }
}
