//! The JSON of an event whose type is only known at run time.

use serde_json::{Map, Value};

use crate::WebhookEvent;
use crate::events::catalogue::{CATALOGUE, EventInfo};
use crate::events::entries::entries;

/// A sample of an event's JSON, and the functions that read it.
struct Shape {
    /// A whole request, with every field.
    sample: &'static str,
    payload: fn(&str) -> serde_json::Result<()>,
    reply: fn(&[u8]) -> serde_json::Result<()>,
}

macro_rules! shapes {
    ($($payload:ident: [$($pattern:literal),+] => $reply:ident {
        $(#[doc = $about:literal] $name:literal $(.$fact:ident($($argument:expr)?))*,)+
    })+) => {
        /// The shapes of each event, in the order of the [`CATALOGUE`].
        const SHAPES: &[Shape] = &[$($(Shape {
            sample: include_str!(concat!("../events/samples/", $name, ".json")),
            payload: |json| serde_json::from_str::<crate::events::$payload>(json).map(drop),
            reply: |json| serde_json::from_slice::<<crate::events::$payload as WebhookEvent>::Reply>(json).map(drop),
        },)+)+];
    };
}

entries!(shapes);

fn shape(event_type: &str) -> Option<&'static Shape> {
    let is_it = |event: &EventInfo| event.name == event_type || event.former_names.contains(&event_type);
    CATALOGUE.iter().zip(SHAPES).find(|(event, _)| is_it(event)).map(|(_, shape)| shape)
}

/// A whole request of an event, envelope included, with every field; `None` if the catalogue does not have the event.
///
/// ```
/// let request = aghanim_hooks::testing::sample_request("item.add").unwrap();
/// assert_eq!(request["event_data"]["items"][0]["sku"], "gems_100");
/// ```
///
/// # Panics
/// Never: a test reads every sample.
#[must_use]
pub fn sample_request(event_type: &str) -> Option<Value> {
    let shape = shape(event_type)?;
    Some(serde_json::from_str(shape.sample).expect("samples are JSON"))
}

/// A field of an event's payload.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Field {
    /// The key in `event_data`.
    pub name: String,
    /// True if an event without this field is refused.
    pub required: bool,
    /// A possible value.
    pub example: Value,
}

/// The fields of an event's payload, in alphabetical order; empty if the catalogue does not have the event.
///
/// ```
/// let fields = aghanim_hooks::testing::payload_fields("player.verify");
/// let names: Vec<_> = fields.iter().map(|field| (field.name.as_str(), field.required)).collect();
/// assert_eq!(names, [("code", false), ("player_id", true)]);
/// ```
#[must_use]
pub fn payload_fields(event_type: &str) -> Vec<Field> {
    let (Some(shape), Some(mut request)) = (shape(event_type), sample_request(event_type)) else {
        return Vec::new();
    };
    let Value::Object(data) = request["event_data"].take() else { return Vec::new() };
    let is_required = |name: &str| {
        let without: Map<_, _> =
            data.iter().filter(|(key, _)| *key != name).map(|(k, v)| (k.clone(), v.clone())).collect();
        (shape.payload)(&Value::Object(without).to_string()).is_err()
    };
    data.iter()
        .map(|(name, example)| Field { name: name.clone(), required: is_required(name), example: example.clone() })
        .collect()
}

/// Sets a value by its path from the envelope, such as `event_data.items.0.sku`. Missing objects are created.
///
/// ```
/// let mut request = serde_json::json!({});
/// aghanim_hooks::testing::set_field(&mut request, "event_data.player_id", "p1".into());
/// assert_eq!(request["event_data"]["player_id"], "p1");
/// ```
pub fn set_field(envelope: &mut Value, path: &str, value: Value) {
    let mut at = envelope;
    for key in path.split('.') {
        let index = key.parse::<usize>().ok().filter(|index| at.as_array().is_some_and(|items| *index < items.len()));
        if let Some(index) = index {
            at = &mut at[index];
            continue;
        }
        if !at.is_object() {
            *at = serde_json::json!({});
        }
        at = &mut at[key];
    }
    *at = value;
}

/// Reads a body as the event's reply. Accepts any body for an event that the catalogue does not have.
pub(super) fn read_reply(event_type: &str, body: &[u8]) -> Result<(), String> {
    shape(event_type).map_or(Ok(()), |shape| (shape.reply)(body).map_err(|error| error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_its_event() {
        for (event, shape) in CATALOGUE.iter().zip(SHAPES) {
            let request = sample_request(event.name).unwrap();
            assert_eq!(request["event_type"], event.name);
            (shape.payload)(&request["event_data"].to_string())
                .unwrap_or_else(|error| panic!("{}: {error}", event.name));
        }
        assert_eq!(CATALOGUE.len(), SHAPES.len());
    }

    #[test]
    fn former_names_have_a_sample_too() {
        assert!(sample_request("analytics.checkout.payment_method.open").is_some());
        assert_eq!(sample_request("guild.joined"), None);
    }
}
