//! The catalogue, for the form that triggers events.

use aghanim_hooks::events::catalogue::CATALOGUE;
use aghanim_hooks::testing::{payload_fields, sample_request};
use axum::Json;
use serde_json::{Value, json};

use crate::envelope::is_keyed;

pub(super) async fn events() -> Json<Value> {
    let events = CATALOGUE.iter().map(|event| {
        let mut envelope = sample_request(event.name).unwrap_or_default();
        let sample = envelope.get_mut("event_data").map(Value::take).unwrap_or_default();
        if let Value::Object(members) = &mut envelope {
            members.remove("event_data");
        }
        let fields = payload_fields(event.name)
            .into_iter()
            .map(|field| json!({"name": field.name, "type": kind(&field.example), "required": field.required}));
        let grants = ["item.add", "coupon.redeemed"].contains(&event.name);
        json!({
            "event": event.name,
            "summary": event.about,
            "answer": event.reply,
            "grants": grants,
            "keyed": is_keyed(event.name),
            "sample": sample,
            "envelope": envelope,
            "fields": fields.collect::<Vec<_>>(),
        })
    });
    Json(json!({"events": events.collect::<Vec<_>>()}))
}

/// The JSON type of a value.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
