//! A scenario, and its finding.

use std::future::Future;
use std::pin::Pin;

use super::run::{Came, Run};
use super::{Level, Verdict};

pub(super) type Running<'a> = Pin<Box<dyn Future<Output = Finding> + Send + 'a>>;

/// One request or sequence to try. `run` sends it, and judges the answers.
pub(super) struct Scenario {
    pub(super) name: &'static str,
    pub(super) level: Level,
    pub(super) expected: &'static str,
    pub(super) why: &'static str,
    pub(super) run: for<'a> fn(&'a Run<'_>) -> Running<'a>,
}

/// The scenarios of one subject.
pub(super) struct Group {
    pub(super) name: &'static str,
    pub(super) scenarios: &'static [Scenario],
}

/// The result of a scenario.
pub(super) struct Finding {
    pub(super) verdict: Verdict,
    pub(super) event: String,
    pub(super) sent: String,
    pub(super) came: String,
}

impl Finding {
    pub(super) fn new(verdict: Verdict, sent: impl Into<String>, came: impl std::fmt::Display) -> Self {
        Self { verdict, event: String::new(), sent: sent.into(), came: format!("{came}") }
    }

    pub(super) fn skipped(reason: impl std::fmt::Display) -> Self {
        Self::new(Verdict::Skipped, "nothing", reason)
    }

    /// Passes if `holds`.
    pub(super) fn of(holds: bool, sent: impl Into<String>, came: impl std::fmt::Display) -> Self {
        Self::new(if holds { Verdict::Passed } else { Verdict::Failed }, sent, came)
    }

    pub(super) fn about(self, event: impl Into<String>) -> Self {
        Self { event: event.into(), ..self }
    }
}

/// Sends each request, and passes if `holds` is true for every answer. The finding shows the first other answer.
pub(super) async fn all<W>(run: &Run<'_>, sent: &str, wires: W, holds: fn(&Came) -> bool) -> Finding
where
    W: IntoIterator<Item = (String, super::Wire)>,
{
    let mut last = None;
    for (what, wire) in wires {
        let came = run.send(wire).await;
        if !holds(&came) {
            return Finding::of(false, what, came);
        }
        last = Some(came);
    }
    match last {
        Some(came) => Finding::of(true, sent, came),
        None => Finding::skipped("there is nothing to send"),
    }
}
