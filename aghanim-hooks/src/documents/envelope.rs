//! The schema of a whole event: its envelope, and the payload in it.

use serde_json::{Map, Value, json};

use super::definitions::PATH;
use super::described::Described;
use crate::Trigger;
use crate::pattern::prefix;

/// The name of the envelope's schema. A Rust type can't have it.
pub(super) const ENVELOPE: &str = "aghanim.Envelope";

/// The fields around every payload.
pub(super) fn envelope() -> Value {
    let triggers: Vec<&str> = Trigger::KNOWN.iter().map(Trigger::as_str).collect();
    json!({
        "description": "The fields around every event's data. All but two may be missing or null.",
        "type": "object",
        "properties": {
            "event_id": { "type": ["string", "null"], "description": "Aghanim's id of the event." },
            "event_type": { "type": "string", "description": "The name of the event." },
            "event_data": { "type": "object", "description": "The event's own fields." },
            "event_time": { "type": ["number", "null"], "description": "The time of the event, in Unix seconds." },
            "game_id": { "type": ["string", "null"], "description": "The game's id at Aghanim." },
            "idempotency_key": {
                "type": ["string", "null"],
                "description": "All deliveries with this key must take effect once.",
            },
            "request_id": { "type": ["string", "null"], "description": "The API request that caused the event." },
            "sandbox": {
                "type": ["boolean", "null"],
                "description": "True if the event comes from the sandbox environment.",
            },
            "trigger": { "type": ["string", "null"], "description": "The cause of the event.", "examples": triggers },
            "transaction_id": { "type": ["string", "null"] },
            "context": { "description": "The shape is not documented. It is null in every documented sample." },
        },
        "required": ["event_type", "event_data"],
    })
}

/// The body of a request that brings this event.
pub(super) fn whole_event(event: &Described) -> Value {
    let mut properties = Map::new();
    let mut required = vec!["event_type", "event_data"];
    properties.insert("event_type".into(), event_type(&event.name));
    properties.insert("event_data".into(), any_of(event.payloads.clone()));
    for field in &event.required {
        let schema = match *field {
            "sandbox" => json!({ "type": "boolean" }),
            _ => json!({ "type": "string", "minLength": 1 }),
        };
        properties.insert((*field).into(), schema);
        required.push(field);
    }
    json!({
        "allOf": [{ "$ref": format!("{PATH}{ENVELOPE}") }],
        "type": "object",
        "properties": properties,
        "required": required,
    })
}

fn event_type(name: &str) -> Value {
    match prefix(name) {
        Some("") => json!({ "type": "string" }),
        Some(family) => json!({ "type": "string", "pattern": format!("^{}", family.replace('.', "\\.")) }),
        None => json!({ "const": name }),
    }
}

/// One schema that accepts what one of these does.
pub(super) fn any_of(mut schemas: Vec<Value>) -> Value {
    if schemas.len() == 1 { schemas.remove(0) } else { json!({ "anyOf": schemas }) }
}
