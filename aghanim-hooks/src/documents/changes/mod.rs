//! The differences between two documents, and which of them break somebody.

mod change;
mod compare;
mod keywords;
mod surface;
mod view;

use serde_json::Value;

pub use change::Change;
use change::Changes;
use compare::Place;
pub use surface::NotADocument;
use surface::Surface;

/// Compares two documents of the same kind, as [`Contract::openapi`](super::Contract::openapi) or
/// [`asyncapi`](super::Contract::asyncapi) writes them. Breaking changes come first.
///
/// It asks if an event or an answer that followed the old document still fits the new one:
///
/// | Change | In an event | In an answer |
/// |---|---|---|
/// | the event is gone, its status or its headers changed | breaking | breaking |
/// | a field is gone, or of another type | breaking | breaking |
/// | a field is required now, or new and required | breaking | breaking |
/// | a value of a closed set is gone, or a limit is narrower | breaking | breaking |
/// | a field is optional now, or takes more types or values | compatible | breaking |
/// | an optional field is new | compatible | compatible |
/// | an event is new, or an error status | compatible | compatible |
/// | a known value of an open set came or went | compatible | compatible |
///
/// Titles, descriptions and examples are not compared. A change in several events is one change that names them all.
///
/// ```
/// use aghanim_hooks::documents::{Contract, changes};
///
/// # fn main() -> Result<(), aghanim_hooks::documents::NotADocument> {
/// let old = Contract::catalogue().openapi();
/// let new = Contract::catalogue().only(["item.*", "order.*"]).openapi();
/// let changes = changes(&old, &new)?;
/// assert!(changes[0].is_breaking());
/// assert!(changes[0].to_string().ends_with("the event is gone"));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Returns [`NotADocument`] if one of them is not such a document, or if they are of different kinds.
pub fn changes(old: &Value, new: &Value) -> Result<Vec<Change>, NotADocument> {
    let (old, new) = (Surface::read(old)?, Surface::read(new)?);
    if old.kind != new.kind {
        return Err(NotADocument::kinds(old.kind, new.kind));
    }
    let mut changes = Changes::default();
    for (name, event) in &old.events {
        changes.event(name);
        let Some(now) = new.events.get(name) else {
            changes.breaking("the event is gone");
            continue;
        };
        if event.headers != now.headers {
            changes.breaking(format!("the headers changed from {} to {}", event.headers, now.headers));
        }
        Place::event(&old, &new, &mut changes).compare(&event.body, &now.body);
        statuses(&event.statuses(), &now.statuses(), &mut changes);
        for (status, answer) in &event.answers {
            if let Some(answer_now) = now.answers.get(status) {
                Place::answer(&old, &new, status, &mut changes).compare(answer, answer_now);
            }
        }
    }
    for name in new.events.keys().filter(|name| !old.events.contains_key(*name)) {
        changes.event(name);
        changes.compatible("the event is new");
    }
    Ok(changes.sorted())
}

/// Compares the statuses of an event's answers.
fn statuses(old: &[&str], new: &[&str], changes: &mut Changes) {
    let missing = |from: &[&str], in_these: &[&str]| -> Vec<String> {
        from.iter().filter(|status| !in_these.contains(status)).map(|status| (*status).to_owned()).collect()
    };
    let (gone, added) = (missing(old, new), missing(new, old));
    let is_success = |statuses: &[String]| statuses.iter().any(|status| status.starts_with('2'));
    if !gone.is_empty() && !added.is_empty() {
        changes.breaking(format!("the status changed from {} to {}", gone.join(", "), added.join(", ")));
    } else if !gone.is_empty() {
        changes.add(is_success(&gone), format!("the status {} is no longer answered", gone.join(", ")));
    } else if !added.is_empty() {
        changes.add(is_success(&added), format!("the status {} may be answered too", added.join(", ")));
    }
}
