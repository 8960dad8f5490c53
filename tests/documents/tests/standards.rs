//! Every document fits the official schema of its format, in `tests/fixtures/standards`.

use std::fs;
use std::path::Path;

use aghanim_hooks::documents::Contract;
use aghanim_hooks_documents_tests::errors;
use serde_json::{Value, json};

use crate::game::endpoint;

fn standard(name: &str) -> jsonschema::Validator {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/standards").join(name);
    let schema: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

fn contracts() -> [(&'static str, Contract); 3] {
    [
        ("the catalogue", Contract::catalogue()),
        ("a part of it", Contract::catalogue().only(["player.lookup"])),
        ("an endpoint", endpoint().contract().title("Beetle Quest").version("1.4.0")),
    ]
}

#[test]
fn openapi_documents_fit_the_official_schema() {
    let standard = standard("openapi-3.1.json");
    for (name, contract) in contracts() {
        let document = contract.openapi();
        assert_eq!(errors(&standard, &document), "", "{name}");
        // The official schema leaves the schemas within to the dialect, which is draft 2020-12.
        for (schema, value) in document["components"]["schemas"].as_object().unwrap() {
            jsonschema::draft202012::meta::validate(value).unwrap_or_else(|error| panic!("{name}, {schema}: {error}"));
        }
    }
    assert_ne!(errors(&standard, &json!({ "openapi": "3.1.0", "webhooks": [] })), "", "the schema refuses something");
}

#[test]
fn asyncapi_documents_fit_the_official_schema() {
    let standard = standard("asyncapi-3.0.0.json");
    for (name, contract) in contracts() {
        assert_eq!(errors(&standard, &contract.asyncapi()), "", "{name}");
    }
    let mut wrong = Contract::catalogue().only(["item.add"]).asyncapi();
    wrong["operations"]["item.add"]["action"] = json!("answer");
    assert_ne!(errors(&standard, &wrong), "", "the schema refuses something");
}

#[test]
fn every_reference_leads_somewhere() {
    fn visit(root: &Value, value: &Value) {
        match value {
            Value::Object(fields) => {
                if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                    assert!(root.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
                }
                fields.values().for_each(|value| visit(root, value));
            }
            Value::Array(elements) => elements.iter().for_each(|value| visit(root, value)),
            _ => {}
        }
    }
    for (_, contract) in contracts() {
        for document in [contract.openapi(), contract.asyncapi()] {
            visit(&document, &document);
        }
    }
}
