//! Whole envelopes for events of the catalogue, with fresh ids.

use std::time::{SystemTime, UNIX_EPOCH};

use aghanim_hooks::events::catalogue::{IdempotencyKey, find};
use aghanim_hooks::testing::sample_request;
use serde_json::{Value, json};

use crate::input::seconds;

/// True if the event has an idempotency key, as far as is known. An event that the catalogue does not have counts as one.
#[must_use]
pub fn is_keyed(event: &str) -> bool {
    find(event).is_none_or(|event| event.idempotency_key != IdempotencyKey::Null)
}

/// The envelope of an event with this data, or with the sample's. `None` without data for an unknown event.
///
/// Its ids and its key are fresh, so that it is not a duplicate of an earlier one.
///
/// ```
/// use std::time::SystemTime;
///
/// let event = aghanim_hooks_cli::envelope::fresh("item.add", None, SystemTime::now()).unwrap();
/// assert!(event["idempotency_key"].is_string() && event["event_data"]["items"].is_array());
/// ```
#[must_use]
pub fn fresh(event: &str, data: Option<Value>, at: SystemTime) -> Option<Value> {
    let unknown = || {
        data.as_ref()?;
        Some(json!({"game_id": "gm_test", "request_id": null, "trigger": "test", "sandbox": false, "context": null}))
    };
    let mut envelope = sample_request(event).or_else(unknown)?;
    if let Some(data) = data {
        envelope["event_data"] = data;
    }
    refresh(&mut envelope, event, at);
    Some(envelope)
}

/// Gives an envelope this type and time, and fresh ids. Its key is fresh too, or null where the event has none.
pub fn refresh(envelope: &mut Value, event: &str, at: SystemTime) {
    let number = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    envelope["event_type"] = json!(event);
    envelope["event_id"] = json!(format!("whevt_{number:x}"));
    envelope["transaction_id"] = json!(format!("whtx_{number:x}"));
    envelope["event_time"] = json!(seconds(at));
    envelope["idempotency_key"] = if is_keyed(event) { json!(format!("key_{number:x}")) } else { Value::Null };
}
