//! The fields of a body by their paths, and which of them the catalogue does not know.

use aghanim_hooks::events::catalogue::find;
use aghanim_hooks::observer::DriftKind;
use aghanim_hooks::testing::drift;
use serde::Serialize;
use serde_json::Value;

/// The most fields that are listed.
pub(crate) const MOST: usize = 1000;

/// A field of the envelope or the payload.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Field {
    /// Such as `event_data.items[0].sku`.
    pub(crate) path: String,
    pub(crate) value: Value,
    /// False if the catalogue does not have the field, or its value is outside the documented set.
    pub(crate) known: bool,
    pub(crate) note: Option<String>,
}

/// The values without children, each with its path: at most `most`, and the number of those left out.
pub(crate) fn leaves(value: &Value, most: usize) -> (Vec<(String, &Value)>, usize) {
    let (mut found, mut omitted) = (Vec::new(), 0);
    // A stack of its own, because a body may be nested deeper than this thread's stack allows.
    let mut open = vec![(String::new(), value)];
    while let Some((path, value)) = open.pop() {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                let dot = if path.is_empty() { "" } else { "." };
                open.extend(fields.iter().rev().map(|(key, value)| (format!("{path}{dot}{key}"), value)));
            }
            Value::Array(items) if !items.is_empty() => {
                open.extend(items.iter().enumerate().rev().map(|(index, value)| (format!("{path}[{index}]"), value)));
            }
            _ if found.len() < most => found.push((path, value)),
            _ => omitted += 1,
        }
    }
    (found, omitted)
}

/// The fields of a body, and the number of those left out. Empty if the body is not a JSON object.
pub(crate) fn of(body: &[u8]) -> (Vec<Field>, usize) {
    let (Ok(text), Ok(envelope @ Value::Object(_))) = (std::str::from_utf8(body), serde_json::from_slice(body)) else {
        return (Vec::new(), 0);
    };
    let event = envelope["event_type"].as_str().unwrap_or_default();
    let is_documented = find(event).is_some();
    let drift = drift(event, text);
    let (leaves, omitted) = leaves(&envelope, MOST);
    let fields = leaves.into_iter().map(|(path, value)| {
        let place = without_indices(&path);
        let is_new = drift.iter().any(|drift| drift.kind == DriftKind::Field && is_within(&place, &drift.name));
        let set = drift.iter().filter(|drift| drift.kind == DriftKind::Value).find_map(|drift| {
            let (set, unknown) = drift.name.split_once(": ")?;
            value.as_str().is_some_and(|value| value.starts_with(unknown)).then_some(set)
        });
        let note = match set {
            _ if is_new => Some("the catalogue does not have this field".to_owned()),
            Some(set) => Some(format!("the documented set `{set}` does not have this value")),
            None if !is_documented && place.starts_with("event_data") => {
                Some(format!("the catalogue has no event `{event}`"))
            }
            None => None,
        };
        Field { path, value: value.clone(), known: note.is_none(), note }
    });
    (fields.collect(), omitted)
}

/// `event_data.items[].sku` for `event_data.items[0].sku`, as drift names it.
fn without_indices(path: &str) -> String {
    let mut place = String::new();
    let mut in_brackets = false;
    for c in path.chars() {
        in_brackets = in_brackets && c != ']';
        if !in_brackets {
            place.push(c);
        }
        in_brackets |= c == '[';
    }
    place
}

/// True for the place itself, and for what is within it. Drift shortens long places.
fn is_within(place: &str, outer: &str) -> bool {
    let Some(rest) = place.strip_prefix(outer) else { return false };
    rest.is_empty() || rest.starts_with(['.', '[']) || outer.chars().count() >= 64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(body: &str) -> Vec<(String, String)> {
        let (fields, _) = of(body.as_bytes());
        fields.into_iter().filter_map(|field| Some((field.path, field.note?))).collect()
    }

    #[test]
    fn fields_and_values_that_the_catalogue_lacks_are_marked() {
        let body = r#"{"event_type":"item.add","trigger":"hub.new","event_data":{"player_id":"p",
            "color":{"name":"red"},"items":[{"id":"i","sku":"s","name":"n","quantity":1,"glow":[true]}]}}"#;
        let new = |path: &str| (path.to_owned(), "the catalogue does not have this field".to_owned());
        let value = ("trigger".to_owned(), "the documented set `Trigger` does not have this value".to_owned());
        assert_eq!(unknown(body), [new("event_data.color.name"), new("event_data.items[0].glow[0]"), value]);
    }

    #[test]
    fn nothing_of_an_unknown_event_is_known_but_its_envelope() {
        let note = "the catalogue has no event `guild.joined`".to_owned();
        let body = r#"{"event_type":"guild.joined","event_id":"e","event_data":{"guild":"g"}}"#;
        assert_eq!(unknown(body), [("event_data.guild".to_owned(), note)]);
    }

    #[test]
    fn the_list_is_bounded() {
        let body = serde_json::json!({"event_type": "item.add", "event_data": {"many": vec![1; 5000]}}).to_string();
        let (fields, omitted) = of(body.as_bytes());
        assert_eq!((fields.len(), omitted), (MOST, 5001 - MOST));
        assert!(of(b"[1]").0.is_empty() && of(b"\xff").0.is_empty());
    }
}
