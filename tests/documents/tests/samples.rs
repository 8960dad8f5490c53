//! The schemas accept what the endpoint accepts, and refuse what it refuses.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use aghanim_hooks::AnyReply;
use aghanim_hooks::documents::Contract;
use aghanim_hooks::events::catalogue::{self, CATALOGUE};
use aghanim_hooks::events::{AnyEvent, FoundPlayers, Player, StoreItems};
use aghanim_hooks::testing::Sample;
use aghanim_hooks_documents_tests::errors;
use aghanim_hooks_tests::fixtures::{self, Kind};
use jsonschema::Validator;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::documents;

/// The validators of each event: of the OpenAPI document and of the AsyncAPI document.
static EVENTS: LazyLock<BTreeMap<&str, [Validator; 2]>> = LazyLock::new(|| {
    let documents = documents(&Contract::catalogue());
    let validators = |name| [documents[0].event(name), documents[1].event(name)];
    CATALOGUE.iter().map(|event| (event.name, validators(event.name))).collect()
});

#[test]
fn every_request_of_the_fixtures_is_valid() {
    let mut checked = 0;
    for (name, validators) in &*EVENTS {
        for kind in Kind::ALL {
            let request = fixtures::envelope(name, kind);
            for validator in validators {
                assert_eq!(errors(validator, &request), "", "{name}, {kind:?}: {request:#}");
            }
            checked += 1;
        }
    }
    assert_eq!(checked, CATALOGUE.len() * Kind::ALL.len());
}

#[test]
fn every_sample_of_a_reply_is_valid() {
    let documents = documents(&Contract::catalogue());
    for event in CATALOGUE {
        let reply = match event.reply {
            "Player" => serde_json::to_value(Player::sample()),
            "FoundPlayers" => serde_json::to_value(FoundPlayers::sample()),
            "StoreItems" => serde_json::to_value(StoreItems::sample()),
            "Ack" | "AnyReply" => serde_json::to_value(AnyReply::ack()),
            other => panic!("{other}: add its sample here"),
        };
        for document in &documents {
            assert_eq!(errors(&document.answer(event.name, 200), reply.as_ref().unwrap()), "", "{}", event.name);
        }
    }
}

/// The paths to all values within, the value itself excluded.
fn paths(value: &Value, at: &str, found: &mut Vec<String>) {
    let parts: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(elements) => elements.iter().enumerate().map(|(i, value)| (i.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (part, value) in parts {
        let path = format!("{at}/{part}");
        paths(value, &path, found);
        found.push(path);
    }
}

#[derive(Debug, Clone)]
enum Mutation {
    Remove,
    Replace(Value),
    Add,
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let value = prop_oneof![
        Just(Value::Null),
        Just(json!("unheard_of")),
        Just(json!("")),
        Just(json!(7)),
        Just(json!(-7)),
        Just(json!(0.5)),
        Just(json!(true)),
        Just(json!({})),
        Just(json!({ "added_later": [1] })),
    ];
    prop_oneof![3 => Just(Mutation::Remove), 6 => value.prop_map(Mutation::Replace), 1 => Just(Mutation::Add)]
}

fn mutate(request: &mut Value, place: Index, mutation: &Mutation) {
    let mut found = Vec::new();
    paths(request, "", &mut found);
    // The type stays: another event has another schema.
    found.retain(|path| path != "/event_type");
    let path = place.get(&found);
    let (parent, key) = path.rsplit_once('/').unwrap();
    match (request.pointer_mut(parent).unwrap(), mutation) {
        (Value::Object(fields), Mutation::Remove) => drop(fields.remove(key)),
        (Value::Object(fields), Mutation::Add) => drop(fields.insert("added_later".into(), json!({ "by": [null] }))),
        (Value::Array(elements), Mutation::Remove | Mutation::Add) => drop(elements.remove(key.parse().unwrap())),
        (Value::Object(fields), Mutation::Replace(value)) => drop(fields.insert(key.into(), value.clone())),
        (Value::Array(elements), Mutation::Replace(value)) => elements[key.parse::<usize>().unwrap()] = value.clone(),
        (other, _) => panic!("{other} has no parts"),
    }
}

proptest! {
    // `PROPTEST_CASES` sets how many requests are tried: 256 by default.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_schemas_are_as_strict_as_the_decoder(
        event in any::<Index>(),
        mutations in prop::collection::vec((any::<Index>(), mutation()), 1..4),
    ) {
        let name = event.get(CATALOGUE).name;
        let mut request = fixtures::envelope(name, Kind::Full);
        for (place, mutation) in &mutations {
            mutate(&mut request, *place, mutation);
        }
        let read = AnyEvent::from_slice(request.to_string().as_bytes());
        for validator in &EVENTS[name] {
            let refused = errors(validator, &request);
            prop_assert_eq!(read.is_ok(), refused.is_empty(), "{}: {}\n{:?}\n{:#}", name, refused, read.as_ref().err(), request);
        }
    }
}

#[test]
fn a_missing_required_field_is_refused() {
    let mut refused = 0;
    for (name, validators) in &*EVENTS {
        let payload = catalogue::find(name).unwrap().payload;
        for field in fixtures::Object::named(payload).required() {
            let mut request = fixtures::envelope(name, Kind::Full);
            request["event_data"].as_object_mut().unwrap().remove(field);
            for validator in validators {
                assert_ne!(errors(validator, &request), "", "{name} without {field}");
            }
            refused += 1;
        }
    }
    assert!(refused > 20, "{refused} fields");
}
