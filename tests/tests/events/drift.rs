//! Aghanim changes what it sends: nothing but the loss of a field that was always there may stop an event.

use std::collections::HashSet;

use aghanim_hooks::events::catalogue::{CATALOGUE, EventInfo};
use serde_json::Value;

use crate::backend::{Backend, Game};
use crate::fixtures::{self, KINDS};

/// Payloads that are the JSON as it came.
const UNTYPED: [&str; 4] = ["BatchReady", "CampaignCustom", "PlayerIsIdle", "PlayerLookup"];

/// Fields whose shape is not documented.
const KEPT_AS_IT_CAME: [&str; 6] =
    ["metadata", "custom_attributes", "appsflyer_meta", "appsflyer_event_params", "fees", "taxes"];

/// Maps from strings to strings: they have no fields, and their values are not null.
const STRING_MAPS: [&str; 4] =
    ["adjust_device_id", "adjust_callback_params", "adjust_partner_params", "singular_device_id"];

#[test]
fn every_event_of_the_catalogue_has_its_fixtures_and_no_other_has() {
    let mut folders = fixtures::events();
    let mut events: Vec<_> = CATALOGUE.iter().map(|event| event.name.to_owned()).collect();
    folders.sort();
    events.sort();
    assert_eq!(folders, events);
    assert_eq!(fixtures::required().into_keys().collect::<Vec<_>>(), events);
    for event in &events {
        for kind in KINDS {
            assert_eq!(fixtures::envelope(event, kind)["event_type"], **event, "{event}/{kind}.json");
        }
    }
}

/// Sends every event as `kind`, and gives what was sent beside what its handler saw.
async fn every_event(kind: &str, check: impl Fn(&EventInfo, &Value, crate::backend::Seen)) {
    let backend = Backend::new(Game::default()).await;
    for event in CATALOGUE {
        let answer = backend.send(fixtures::text(event.name, kind)).await;
        assert_eq!(answer.status, 200, "{}/{kind}.json: {}", event.name, answer.json());
        let [seen] = backend.game.seen().try_into().expect("one handler, once");
        assert_eq!(seen.event_type, event.name);
        let sent = fixtures::envelope(event.name, kind);
        assert_eq!(seen.raw, sent["event_data"], "{}: what nobody typed is within reach", event.name);
        check(event, &sent, seen);
    }
}

#[tokio::test]
async fn full() {
    every_event("full", |event, sent, seen| {
        assert_eq!(seen.data, sent["event_data"], "{}: every key of it is typed", event.name);
        assert!(!seen.debug.contains("None"), "{}: not every field is in the fixture: {}", event.name, seen.debug);
        assert!(!seen.debug.contains("Unrecognized"), "{}: {}", event.name, seen.debug);
        assert_eq!(seen.trigger.as_deref(), sent["trigger"].as_str());
    })
    .await;
}

#[tokio::test]
async fn minimal() {
    every_event("minimal", |event, sent, seen| {
        assert_eq!(seen.data, sent["event_data"], "{}", event.name);
        assert_eq!(seen.trigger, None);
    })
    .await;
}

#[tokio::test]
async fn nulls() {
    every_event("nulls", |event, sent, seen| {
        let mut expected = sent["event_data"].clone();
        if !UNTYPED.contains(&event.payload) {
            let player = expected.get("player_id").cloned();
            remove_nulls(&mut expected);
            if event.name == "store.get" {
                // An anonymous visitor is one, and not left out.
                expected["player_id"] = player.unwrap();
            }
        }
        assert_eq!(seen.data, expected, "{}: null is the same as missing", event.name);
    })
    .await;
}

#[tokio::test]
async fn extra_keys() {
    every_event("extra", |event, sent, seen| {
        let full = fixtures::envelope(event.name, "full");
        assert_ne!(sent["event_data"], full["event_data"], "{}: the fixture has extra keys", event.name);
        if UNTYPED.contains(&event.payload) {
            assert_eq!(seen.data, sent["event_data"], "{}", event.name);
        } else {
            let mut data = seen.data;
            forget_extras(&mut data, false);
            assert_eq!(data, full["event_data"], "{}: what is known is read all the same", event.name);
        }
    })
    .await;
}

#[tokio::test]
async fn unknown_values() {
    every_event("unknown", |event, sent, seen| {
        assert_eq!(seen.data, sent["event_data"], "{}: unknown values come back unchanged", event.name);
        assert_eq!(seen.trigger.as_deref(), Some("oracle.prophecy"));
        let typed = ["order", "payment", "item", "coupon", "subscription", "fraud"].contains(&event.family());
        assert_eq!(seen.debug.contains("Unrecognized("), typed, "{}: {}", event.name, seen.debug);
    })
    .await;
}

/// Takes each field of the full event away, then makes each null: what is required is missed by name, and nothing else
/// is missed. What is not required is tried once for each payload type.
#[tokio::test]
async fn only_what_is_required_is_missed() {
    let backend = Backend::new(Game::default()).await;
    let required = fixtures::required();
    let mut payloads = HashSet::new();
    for event in CATALOGUE {
        let first_of_payload = payloads.insert(event.payload);
        let full = fixtures::envelope(event.name, "full");
        let paths = paths(&full["event_data"]);
        let required = &required[event.name];
        for path in required {
            assert!(paths.iter().any(|found| generic(found) == *path), "{}: no `{path}` in the fixture", event.name);
        }
        for path in paths {
            let is_required = required.contains(&generic(&path));
            if !is_required && !first_of_payload {
                continue;
            }
            let case = format!("{}, `event_data.{path}`", event.name);

            let mut without = full.clone();
            edit(&mut without["event_data"], &path, None);
            let answer = backend.send(without.to_string()).await;
            assert_eq!(answer.status, if is_required { 400 } else { 200 }, "{case} missing: {}", answer.json());
            if is_required {
                let message = answer.json()["message"].take().to_string();
                let (parent, field) =
                    path.rsplit_once('.').map_or((String::new(), &*path), |(p, f)| (format!(".{p}"), f));
                let named = format!("`event_data{parent}`: missing field `{field}`");
                assert!(message.contains(&named), "{case} missing: {message}");
            }

            let nullable = !is_required || event.name == "store.get";
            if STRING_MAPS.iter().any(|map| path.contains(&format!("{map}."))) {
                continue;
            }
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

/// `items[].sku` of `items[0].sku`.
fn generic(path: &str) -> String {
    path.split('[').map(|step| step.trim_start_matches(|c: char| c.is_ascii_digit())).collect::<Vec<_>>().join("[")
}

/// Sets the field at a path, or takes it away.
fn edit(data: &mut Value, path: &str, value: Option<Value>) {
    let pointer = format!("/{path}").replace(['.', '['], "/").replace(']', "");
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    let fields = data.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => assert!(fields.insert(field.to_owned(), value).is_some(), "{path}"),
        None => assert!(fields.remove(field).is_some(), "{path}"),
    }
}

fn remove_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(remove_nulls);
        }
        Value::Array(elements) => elements.iter_mut().for_each(remove_nulls),
        _ => {}
    }
}

/// Takes the extra keys out of what is kept as it came.
fn forget_extras(value: &mut Value, kept: bool) {
    match value {
        Value::Object(fields) => {
            if kept {
                fields.retain(|name, _| name != "added_later" && name != "zz_flag");
            }
            for (name, value) in fields {
                forget_extras(value, KEPT_AS_IT_CAME.contains(&name.as_str()));
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| forget_extras(element, kept)),
        _ => {}
    }
}
