use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// Something that exactly-once forbids, or that its clients must never meet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// The effect of a key stands more than once.
    Doubled {
        /// The key.
        key: String,
        /// How often its effect stands.
        times: i64,
    },
    /// A key was answered, and its effect does not stand.
    Lost {
        /// The key.
        key: String,
    },
    /// An answer tells of an effect that is not the one that stands.
    Unfounded {
        /// The key.
        key: String,
        /// What was answered.
        answer: String,
    },
    /// A key was refused, and its effect stands.
    RefusedAndDone {
        /// The key.
        key: String,
        /// How often its effect stands.
        times: i64,
    },
    /// The last answer to a key was a failure, and its effect stands.
    FailedAndDone {
        /// The key.
        key: String,
        /// How often its effect stands.
        times: i64,
    },
    /// An effect stands for a key that nobody sent.
    Unasked {
        /// The key.
        key: String,
    },
    /// Two final answers to one key, 2xx or refusals.
    Differs {
        /// The key.
        key: String,
        /// The answer that was seen first.
        first: String,
        /// The one that was seen later.
        later: String,
    },
    /// Neither a 2xx nor a 503.
    Status {
        /// The key.
        key: String,
        /// What was answered.
        answer: String,
    },
    /// A 503 that does not say when to come again.
    NoRetryAfter {
        /// The key.
        key: String,
    },
    /// No answer long after the endpoint's own timeout, on a connection that was there.
    Hung {
        /// The key.
        key: String,
    },
    /// No final answer, however often the event was sent.
    Unanswered {
        /// The key.
        key: String,
        /// What the last attempt came to.
        last: String,
    },
    /// A fault that was to be met was not, so that nothing was proven.
    NotMet {
        /// The fault.
        fault: String,
    },
    /// A process panicked.
    Panicked {
        /// The line of its standard error.
        line: String,
    },
    /// A process ended that nobody had stopped.
    Died {
        /// How it ended.
        how: String,
    },
}

/// What a run went through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Keys that were sent.
    pub keys: usize,
    /// 2xx that were received, each compared with the first one to its key.
    pub answers: u64,
    /// Final refusals that were received, of keys that ask for one.
    pub refusals: u64,
    /// 503 that were received.
    pub unavailable: u64,
    /// Connections that were refused or broke off, at the client.
    pub cut: u64,
    /// Senders that hung up before they were answered.
    pub hung_up: u64,
    /// Processes that were killed.
    pub kills: u32,
    /// From the start to the end of the settlement.
    pub took: Duration,
}

/// A run in which something did not add up.
pub struct Failure {
    /// What.
    pub violations: Vec<Violation>,
    /// Until when.
    pub summary: Summary,
    /// The end of what the processes wrote to standard error.
    pub log: String,
}

/// How a run ended.
pub type Verdict = Result<Summary, Box<Failure>>;

impl Failure {
    /// Whether a violation of this kind is among those that were seen.
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
