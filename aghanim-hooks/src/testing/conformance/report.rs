use std::fmt;
use std::time::Duration;

use serde::Serialize;

/// The result of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Verdict {
    /// The receiver did what is expected.
    Passed,
    /// The receiver did something else.
    Failed,
    /// The receiver did something that is allowed, but may lose money one day.
    Advice,
    /// The scenario was not tried: `came` has the reason.
    Skipped,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Passed => "ok",
            Self::Failed => "FAILED",
            Self::Advice => "advice",
            Self::Skipped => "skipped",
        })
    }
}

/// One scenario, and its result.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Outcome {
    /// The scenario's group, such as `authentication`.
    pub group: &'static str,
    /// The scenario's name, such as `other-secret`.
    pub scenario: &'static str,
    /// The event that was sent; empty if none was.
    pub event: String,
    /// The result.
    pub verdict: Verdict,
    /// The request, in words.
    pub sent: String,
    /// The expected answer, in words.
    pub expected: &'static str,
    /// The reason for the expectation.
    pub why: &'static str,
    /// The answer that came.
    pub came: String,
    /// The duration. It is written in milliseconds.
    #[serde(rename = "milliseconds", serialize_with = "milliseconds")]
    pub time: Duration,
}

fn milliseconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u128(time.as_millis())
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { group, scenario, verdict, sent, expected, why, came, .. } = self;
        write!(f, "{verdict:<7} {group}/{scenario}: sent {sent}; expected {expected}, since {why}; came {came}")
    }
}

/// The results of a conformance run.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
#[must_use = "look at the report"]
pub struct Report {
    /// Every scenario, in the order in which they ran.
    pub outcomes: Vec<Outcome>,
}

impl Report {
    /// True if nothing failed.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.of(Verdict::Failed).next().is_none()
    }

    /// The outcomes with this verdict.
    pub fn of(&self, verdict: Verdict) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(move |outcome| outcome.verdict == verdict)
    }

    /// The names of the scenarios that failed, each once.
    #[must_use]
    pub fn failures(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.of(Verdict::Failed).map(|outcome| outcome.scenario).collect();
        names.dedup();
        names
    }

    /// Passes if nothing failed.
    ///
    /// # Panics
    /// Panics if something failed: the message has a line for each failure.
    #[track_caller]
    pub fn assert_passed(&self) {
        assert!(self.passed(), "the receiver fails {} scenarios\n{self}", self.of(Verdict::Failed).count());
    }
}

/// One line for each scenario that did not pass, and a summary.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for outcome in self.outcomes.iter().filter(|outcome| outcome.verdict != Verdict::Passed) {
            writeln!(f, "{outcome}")?;
        }
        let count = |verdict| self.of(verdict).count();
        write!(
            f,
            "{} passed, {} failed, {} with advice, {} skipped",
            count(Verdict::Passed),
            count(Verdict::Failed),
            count(Verdict::Advice),
            count(Verdict::Skipped)
        )
    }
}
