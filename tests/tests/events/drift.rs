//! Aghanim changes what it sends. An event is refused only when a field that was always there is gone.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use aghanim_hooks::events::catalogue::{CATALOGUE, EventInfo};
use aghanim_hooks_tests::fixtures::{self, Kind, Object};
use serde_json::Value;

use crate::backend::{Backend, Game, Seen};

#[test]
fn every_event_of_the_catalogue_has_a_sample_and_no_other_has() {
    let mut events: Vec<_> = CATALOGUE.iter().map(|event| event.name.to_owned()).collect();
    events.sort();
    assert_eq!(fixtures::sampled_events(), events);
    for event in &events {
        assert_eq!(fixtures::envelope(event, Kind::Full)["event_type"], **event, "{event}.json");
    }
}

/// Sends every event as `kind`, and passes on the request with what its handler saw.
async fn every_event(kind: Kind, mut check: impl FnMut(&EventInfo, &Value, Seen)) {
    let backend = Backend::new(Game::default()).await;
    for event in CATALOGUE {
        let sent = fixtures::envelope(event.name, kind);
        let answer = backend.send(sent.to_string()).await;
        assert_eq!(answer.status, 200, "{}, {kind:?}: {}", event.name, answer.json());
        let [seen] = backend.game.seen().try_into().expect("one handler, once");
        assert_eq!(seen.event_type, event.name);
        assert_eq!(seen.payload, event.payload, "{}: backend.rs has a handler of the payload", event.name);
        assert_eq!(seen.raw, sent["event_data"], "{}: keys that are not typed stay reachable", event.name);
        check(event, &sent, seen);
    }
}

#[tokio::test]
async fn full() {
    // The fields that no event of a payload has brought so far.
    let mut missing: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    every_event(Kind::Full, |event, sent, seen| {
        assert_eq!(seen.data, sent["event_data"], "{}: every key of the sample is typed", event.name);
        assert!(!seen.debug.contains("Unrecognized"), "{}: {}", event.name, seen.debug);
        assert_eq!(seen.trigger.as_deref(), sent["trigger"].as_str());
        let without = fields_without_value(&seen.debug);
        let missing = missing.entry(event.payload).or_insert_with(|| without.clone());
        missing.retain(|field| without.contains(field));
    })
    .await;
    missing.retain(|_, fields| !fields.is_empty());
    assert_eq!(missing, BTreeMap::new(), "each field is in a sample of its payload");
}

#[tokio::test]
async fn minimal() {
    every_event(Kind::Minimal, |event, sent, seen| {
        assert_eq!(seen.data, sent["event_data"], "{}", event.name);
        assert_eq!(seen.trigger, None);
    })
    .await;
}

#[tokio::test]
async fn nulls() {
    every_event(Kind::Nulls, |event, sent, seen| {
        let mut expected = sent["event_data"].clone();
        let payload = Object::named(event.payload);
        if !payload.is_raw() {
            remove_nulls(&mut expected, Some(payload));
        }
        assert_eq!(seen.data, expected, "{}: null is the same as missing", event.name);
    })
    .await;
}

#[tokio::test]
async fn extra_keys() {
    every_event(Kind::Extra, |event, sent, seen| {
        let full = fixtures::envelope(event.name, Kind::Full);
        let known = if Object::named(event.payload).is_raw() { sent } else { &full };
        assert_eq!(seen.data, known["event_data"], "{}: known keys are read as before", event.name);
    })
    .await;
}

#[tokio::test]
async fn unknown_values() {
    every_event(Kind::Unknown, |event, sent, seen| {
        assert_eq!(seen.data, sent["event_data"], "{}: unknown values come back unchanged", event.name);
        assert_eq!(seen.trigger.as_deref(), Some("oracle.prophecy"));
        let changed = sent["event_data"] != fixtures::envelope(event.name, Kind::Full)["event_data"];
        assert_eq!(changed, Object::named(event.payload).has_open_sets(), "{}", event.name);
    })
    .await;
}

/// Removes each field of the full event, then makes each null. A required field is missed by name, and no other field is
/// missed. Fields that are not required are tried once for each payload type.
#[tokio::test]
async fn only_required_fields_are_missed() {
    let backend = Backend::new(Game::default()).await;
    let mut payloads = HashSet::new();
    for event in CATALOGUE {
        let first_of_payload = payloads.insert(event.payload);
        let full = fixtures::envelope(event.name, Kind::Full);
        for path in paths(&full["event_data"]) {
            let (parent, field) = path.rsplit_once('.').unwrap_or(("", &path));
            let Some(object) = Object::named(event.payload).at(parent) else { continue };
            let required = object.requires(field);
            if !required && !first_of_payload {
                continue;
            }
            let case = format!("{}, `event_data.{path}`", event.name);

            let mut without = full.clone();
            edit(&mut without["event_data"], &path, None);
            let answer = backend.send(without.to_string()).await;
            assert_eq!(answer.status, if required { 400 } else { 200 }, "{case} missing: {}", answer.json());
            if required {
                let message = answer.json()["message"].take().to_string();
                let dot = if parent.is_empty() { "" } else { "." };
                let named = format!("`event_data{dot}{parent}`: missing field `{field}`");
                assert!(message.contains(&named), "{case} missing: {message}");
            }

            let nullable = object.allows_null(field);
            let mut null = full.clone();
            edit(&mut null["event_data"], &path, Some(Value::Null));
            let answer = backend.send(null.to_string()).await;
            assert_eq!(answer.status, if nullable { 200 } else { 400 }, "{case} null: {}", answer.json());
            if !nullable {
                let message = answer.json()["message"].take().to_string();
                assert!(message.contains(&format!("`event_data.{path}`: invalid type: null")), "{case}: {message}");
            }
        }
    }
}

/// The names of the fields that are `None`, from the text of `Debug`.
fn fields_without_value(debug: &str) -> BTreeSet<String> {
    let names = debug.split(": None").filter_map(|before| before.rsplit([' ', '{']).next());
    let mut names: BTreeSet<_> = names.map(str::to_owned).collect();
    // After the last `None` comes the rest of the text.
    if let Some(rest) = debug.rsplit(": None").next().and_then(|rest| rest.rsplit([' ', '{']).next()) {
        names.remove(rest);
    }
    names
}

/// Every field, at every depth: `items[0].sku`.
fn paths(value: &Value) -> Vec<String> {
    fn walk(value: &Value, at: &str, paths: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let path = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                    walk(value, &path, paths);
                    paths.push(path);
                }
            }
            Value::Array(elements) => {
                for (i, element) in elements.iter().enumerate() {
                    walk(element, &format!("{at}[{i}]"), paths);
                }
            }
            _ => {}
        }
    }
    let mut paths = Vec::new();
    walk(value, "", &mut paths);
    paths
}

/// Sets the field at a path, or removes it.
fn edit(data: &mut Value, path: &str, value: Option<Value>) {
    let pointer = format!("/{path}").replace(['.', '['], "/").replace(']', "");
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    let fields = data.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => assert!(fields.insert(field.to_owned(), value).is_some(), "{path}"),
        None => assert!(fields.remove(field).is_some(), "{path}"),
    }
}

/// Removes the nulls, except for required fields of the payload: the `player_id` of an anonymous visitor.
fn remove_nulls(value: &mut Value, payload: Option<&Object>) {
    match value {
        Value::Object(fields) => {
            fields.retain(|field, value| !value.is_null() || payload.is_some_and(|payload| payload.requires(field)));
            fields.values_mut().for_each(|value| remove_nulls(value, None));
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| remove_nulls(element, None)),
        _ => {}
    }
}
