use super::Attempt;

/// The result of an attempt: it tells the engine what to do with the job.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The work is done. With a `Tx` the job is already completed, in the handler's transaction.
    Completed,
    /// The handler was not called, because a newer event of the same entity was worked before. The job is completed.
    Superseded,
    /// The attempt failed. The engine tries again after a pause, or keeps a dead letter after the last attempt.
    Failed {
        /// The cause, for people.
        reason: String,
    },
    /// The handler refused the event for good. The engine keeps a dead letter.
    Refused {
        /// The rejection's code, such as `declined`.
        code: String,
        /// The rejection's message.
        message: String,
    },
    /// Another worker has taken over the job. Everything that this attempt wrote was rolled back.
    Lost,
}

impl Outcome {
    /// The outcome's name in metrics and spans.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Superseded => "superseded",
            Self::Failed { .. } => "failed",
            Self::Refused { .. } => "refused",
            Self::Lost => "lost",
        }
    }

    /// True if this outcome of this attempt makes the job a dead letter: a refusal, or the failure of the last attempt.
    #[must_use]
    pub fn is_dead_letter(&self, attempt: Attempt) -> bool {
        match self {
            Self::Refused { .. } => true,
            Self::Failed { .. } => attempt.number >= attempt.of,
            Self::Completed | Self::Superseded | Self::Lost => false,
        }
    }

    /// True if the job is finished: it needs no attempt, now or ever.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Completed | Self::Superseded)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_refusal_and_the_last_failure_are_dead_letters() {
        let attempt = |number| Attempt::new(number, 3, Duration::from_secs(1));
        let failed = Outcome::Failed { reason: "the ledger is closed".to_owned() };
        let refused = Outcome::Refused { code: "declined".to_owned(), message: "no such shop".to_owned() };
        assert!(!failed.is_dead_letter(attempt(2)));
        assert!(failed.is_dead_letter(attempt(3)) && failed.is_dead_letter(attempt(4)));
        assert!(refused.is_dead_letter(attempt(1)));
        for outcome in [Outcome::Completed, Outcome::Superseded, Outcome::Lost] {
            assert!(!outcome.is_dead_letter(attempt(3)), "{outcome:?}");
        }
    }
}
