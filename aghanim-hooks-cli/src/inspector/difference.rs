//! The differences between two JSON values, by path.

use aghanim_hooks::testing::RawAnswer;
use serde::Serialize;
use serde_json::{Value, json};

/// The most changes that are listed.
const MOST: usize = 500;

/// One place where two values differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Change {
    /// Such as `event_data.items[0].sku`; empty for the whole value.
    pub(crate) path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<Value>,
}

/// Compares two values. Items of arrays are compared by their place.
pub(crate) fn between(before: &Value, after: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    compare(String::new(), Some(before), Some(after), &mut changes);
    changes
}

/// Compares two bodies: as JSON where both are, else as text.
pub(crate) fn of_bodies(before: &[u8], after: &[u8]) -> Vec<Change> {
    match (serde_json::from_slice(before), serde_json::from_slice(after)) {
        (Ok(before), Ok(after)) => between(&before, &after),
        _ if before == after => Vec::new(),
        _ => between(&text(before), &text(after)),
    }
}

/// Compares two answers: `status`, and the body's paths under `body`.
pub(crate) fn of_answers(before: &RawAnswer, after: &RawAnswer) -> Vec<Change> {
    let of = |answer: &RawAnswer| {
        let body = serde_json::from_slice(&answer.body).unwrap_or_else(|_| text(&answer.body));
        json!({"status": answer.status.as_u16(), "body": body})
    };
    between(&of(before), &of(after))
}

fn text(bytes: &[u8]) -> Value {
    Value::String(String::from_utf8_lossy(bytes).into_owned())
}

fn compare(path: String, before: Option<&Value>, after: Option<&Value>, changes: &mut Vec<Change>) {
    if before == after || changes.len() >= MOST {
        return;
    }
    match (before, after) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            let dot = if path.is_empty() { "" } else { "." };
            let added = after.keys().filter(|key| !before.contains_key(*key));
            for key in before.keys().chain(added) {
                compare(format!("{path}{dot}{key}"), before.get(key), after.get(key), changes);
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) => {
            for index in 0..before.len().max(after.len()) {
                compare(format!("{path}[{index}]"), before.get(index), after.get(index), changes);
            }
        }
        _ => changes.push(Change { path, before: before.cloned(), after: after.cloned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(path: &str, before: Option<Value>, after: Option<Value>) -> Change {
        Change { path: path.to_owned(), before, after }
    }

    #[test]
    fn changes_are_named_by_their_path() {
        let before = json!({"id": 1, "data": {"items": [{"sku": "a"}, {"sku": "b"}], "old": null}});
        let after = json!({"id": 1, "data": {"items": [{"sku": "c"}], "new": [1]}});
        assert_eq!(
            between(&before, &after),
            [
                change("data.items[0].sku", Some(json!("a")), Some(json!("c"))),
                change("data.items[1]", Some(json!({"sku": "b"})), None),
                change("data.old", Some(Value::Null), None),
                change("data.new", None, Some(json!([1]))),
            ]
        );
        assert_eq!(between(&before, &before), []);
    }

    #[test]
    fn bodies_that_are_not_json_are_compared_as_text() {
        assert_eq!(of_bodies(b"{\"a\":1}", b"{ \"a\": 1 }"), []);
        assert_eq!(of_bodies(b"no", b"yes"), [change("", Some(json!("no")), Some(json!("yes")))]);
        assert_eq!(of_bodies(b"\xff", b"\xff"), []);
    }

    #[test]
    fn the_list_is_bounded() {
        let before = json!(vec![0; 2000]);
        assert_eq!(between(&before, &json!(vec![1; 2000])).len(), MOST);
    }
}
