//! The meaning of the endpoint's answer to an event for the report.

use aghanim_hooks::__private::Verdict;
use aghanim_hooks::observer::Outcome;
use serde::Deserialize;

use crate::names::Names;
use crate::pieces::Piece;
use crate::report::{Failure, Report};
use crate::text::shortened;

/// The events that Aghanim documents as never put into batches.
const NOT_IN_BATCHES: [&str; 5] = ["player.verify", "player.lookup", "store.get", "item.add", "item.remove"];

/// The error object of an answer.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    status: String,
    code: String,
    message: String,
}

/// An event with its answer.
pub(crate) struct Judged {
    event: &'static str,
    kind: Kind,
}

enum Kind {
    Answered,
    Replayed,
    Ignored,
    Failed(Box<Failure>),
}

/// Judges the answer to an event. `names` is asked if it failed.
pub(crate) fn judge(verdict: &Verdict, piece: &Piece, names: impl FnOnce() -> Names) -> Judged {
    let event = verdict.event;
    let kind = match verdict.outcome {
        _ if !verdict.status.is_success() => None,
        Outcome::Answered => Some(Kind::Answered),
        // The stored answer may be a refusal that is sent with status 200.
        Outcome::Replayed | Outcome::Duplicate | Outcome::KeyReused => {
            (body(verdict).status != "error").then_some(Kind::Replayed)
        }
        Outcome::Ignored | Outcome::WrongEnvironment => Some(Kind::Ignored),
        _ => None,
    };
    let kind = kind.unwrap_or_else(|| Kind::Failed(Box::new(failure(verdict, piece, names()))));
    Judged { event, kind }
}

fn failure(verdict: &Verdict, piece: &Piece, names: Names) -> Failure {
    let Body { code, message, .. } = body(verdict);
    Failure {
        number: piece.number,
        offset: piece.offset,
        event: names.event_type,
        event_id: names.event_id,
        key: names.idempotency_key,
        outcome: verdict.outcome.label().to_owned(),
        status: verdict.status.as_u16(),
        code: shortened(&code),
        message: shortened(&message),
    }
}

/// The error object, or an empty one: a store of the user's own may have kept something else.
fn body(verdict: &Verdict) -> Body {
    serde_json::from_slice(&verdict.body).unwrap_or_default()
}

impl Judged {
    pub(crate) fn has_failed(&self) -> bool {
        matches!(self.kind, Kind::Failed(_))
    }

    /// Adds the event to the report, which keeps `most` failures.
    pub(crate) fn add_to(self, report: &mut Report, most: usize) {
        report.events += 1;
        if NOT_IN_BATCHES.contains(&self.event) {
            let seen = report.unexpected.entry(self.event.to_owned()).or_default();
            if *seen == 0 {
                tracing::warn!(event = self.event, "a batch has an event that is not documented to come in batches");
            }
            *seen += 1;
        }
        match self.kind {
            Kind::Answered => report.answered += 1,
            Kind::Replayed => report.replayed += 1,
            Kind::Ignored => report.ignored += 1,
            Kind::Failed(failure) => {
                report.failed += 1;
                if report.failures.len() < most {
                    report.failures.push(*failure);
                }
            }
        }
    }
}
