use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// A violation of exactly-once, or an outcome that clients must never see.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// A key has more than one effect.
    Doubled {
        /// The key.
        key: String,
        /// The number of its effects.
        times: i64,
    },
    /// A key was acknowledged, and has no effect.
    Lost {
        /// The key.
        key: String,
    },
    /// An answer has the receipt of an effect that is not there.
    Unfounded {
        /// The key.
        key: String,
        /// The answer.
        answer: String,
    },
    /// A key was refused, and has an effect.
    RefusedAndDone {
        /// The key.
        key: String,
        /// The number of its effects.
        times: i64,
    },
    /// The last answer to a key was a failure, and the key has an effect.
    FailedAndDone {
        /// The key.
        key: String,
        /// The number of its effects.
        times: i64,
    },
    /// A key that was never sent has an effect.
    Unasked {
        /// The key.
        key: String,
    },
    /// Two final answers to one key differ.
    Differs {
        /// The key.
        key: String,
        /// The answer that was seen first.
        first: String,
        /// The answer that was seen later.
        later: String,
    },
    /// An answer has another status than 2xx or 503.
    Status {
        /// The key.
        key: String,
        /// The answer.
        answer: String,
    },
    /// A 503 has no `Retry-After`.
    NoRetryAfter {
        /// The key.
        key: String,
    },
    /// A connection had no answer long after the endpoint's own timeout.
    Hung {
        /// The key.
        key: String,
    },
    /// An event had no final answer, although it was sent many times.
    Unanswered {
        /// The key.
        key: String,
        /// The result of the last attempt.
        last: String,
    },
    /// A planned fault did not happen, so nothing was proven.
    NotMet {
        /// The fault.
        fault: String,
    },
    /// A process panicked.
    Panicked {
        /// The line in its standard error.
        line: String,
    },
    /// A process ended by itself.
    Died {
        /// Its exit status.
        how: String,
    },
}

/// The counts of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Keys that were sent.
    pub keys: usize,
    /// The 2xx that were received. Each is compared with the first one to its key.
    pub answers: u64,
    /// The final refusals that were received, for keys that ask for one.
    pub refusals: u64,
    /// The 503 that were received.
    pub unavailable: u64,
    /// Connections that were refused or broken, as the client saw it.
    pub cut: u64,
    /// Senders that hung up before they were answered.
    pub hung_up: u64,
    /// Processes that were killed.
    pub kills: u32,
    /// The time from the start to the end of the settlement.
    pub took: Duration,
}

/// A run with violations.
pub struct Failure {
    /// The violations.
    pub violations: Vec<Violation>,
    /// The counts up to then.
    pub summary: Summary,
    /// The end of the processes' standard error.
    pub log: String,
}

/// The result of a run.
pub type Verdict = Result<Summary, Box<Failure>>;

impl Failure {
    /// True if a violation of this kind was seen.
    pub fn shows(&self, kind: impl Fn(&Violation) -> bool) -> bool {
        self.violations.iter().any(kind)
    }
}

const SHOWN: usize = 20;

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut kinds = BTreeMap::<String, usize>::new();
        for violation in &self.violations {
            let kind = format!("{violation:?}").split(' ').next().unwrap_or_default().to_owned();
            *kinds.entry(kind).or_default() += 1;
        }
        writeln!(f, "{} violations, {kinds:?}, in {:?}", self.violations.len(), self.summary)?;
        for violation in self.violations.iter().take(SHOWN) {
            writeln!(f, "  {violation:?}")?;
        }
        write!(f, "standard error of the processes, its end:\n{}", self.log)
    }
}
