//! Compares a body with the catalogue.

use crate::events::{self, Drift};

/// Lists up to 16 fields and values of a body that the catalogue does not know.
///
/// The body is a whole request, envelope included.
///
/// The list is empty for an event that the catalogue does not have, and for a body that does not fit its event. An
/// endpoint reports the same to an observer that [wants it](crate::observer::Observer::wants_drift).
///
/// ```
/// let body = r#"{"event_type":"item.remove","event_data":{"player_id":"p","items":[],"color":"red"}}"#;
/// let drift = aghanim_hooks::testing::drift("item.remove", body);
/// assert_eq!(drift[0].name, "event_data.color");
/// ```
#[must_use]
pub fn drift(event_type: &str, body: &str) -> Vec<Drift> {
    events::drift(event_type, body)
}
