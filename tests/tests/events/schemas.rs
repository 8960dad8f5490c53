//! The JSON Schemas say what the documentation says, and the samples fit them.

use std::collections::BTreeSet;

use aghanim_hooks::events::catalogue::{self, CATALOGUE};
use aghanim_hooks::events::schema::{self, EventSchemas};
use aghanim_hooks_tests::fixtures::{self, Kind, Object};
use serde_json::{Map, Value};

/// Every object of a schema, by the name of its type.
fn objects<'a>(payload: &'a str, schema: &'a Value) -> Vec<(&'a str, &'a Value)> {
    let defined = schema["$defs"].as_object().into_iter().flatten().map(|(name, schema)| (&**name, schema));
    defined.chain([(payload, schema)]).filter(|(_, schema)| schema["properties"].is_object()).collect()
}

fn strings(value: &Value) -> BTreeSet<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[test]
fn required_fields_are_those_of_the_documentation() {
    let schemas = schema::all();
    assert!(schemas.iter().map(|event| event.name).eq(CATALOGUE.iter().map(|event| event.name)));
    for EventSchemas { name, payload, .. } in &schemas {
        let type_name = catalogue::find(name).unwrap().payload;
        for (object, schema) in objects(type_name, payload.as_value()) {
            let documented = Object::named(object).required().iter().map(String::as_str).collect::<BTreeSet<_>>();
            assert_eq!(strings(&schema["required"]), documented, "{name}: `{object}`");
            assert_eq!(schema["additionalProperties"], Value::Null, "{name}: `{object}` takes unknown keys");
        }
    }
}

#[test]
fn every_field_of_a_sample_is_in_its_schema() {
    for EventSchemas { name, payload, .. } in schema::all() {
        let sample = fixtures::envelope(name, Kind::Full);
        let Value::Object(fields) = &sample["event_data"] else { panic!("{name}: not an object") };
        if !Object::named(catalogue::find(name).unwrap().payload).is_raw() {
            check(name, payload.as_value(), payload.as_value(), fields);
        }
    }
}

/// Checks the fields of an object, and of the objects in it.
fn check(at: &str, root: &Value, schema: &Value, fields: &Map<String, Value>) {
    for (field, value) in fields {
        let property = &schema["properties"][field];
        assert!(!property.is_null(), "{at}.{field}: not in the schema");
        let at = format!("{at}.{field}");
        let inner = referenced(root, property);
        for value in value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice) {
            if let (Value::Object(fields), Some(inner)) = (value, inner.filter(|inner| inner["properties"].is_object()))
            {
                check(&at, root, inner, fields);
            }
        }
    }
}

/// The object that a property refers to, directly, as an element, or as one of two possibilities.
fn referenced<'a>(root: &'a Value, property: &'a Value) -> Option<&'a Value> {
    if let Some(reference) = property["$ref"].as_str() {
        return root.pointer(reference.trim_start_matches('#'));
    }
    let choices = property["anyOf"].as_array().into_iter().flatten();
    choices.chain([&property["items"]]).filter(|value| value.is_object()).find_map(|value| referenced(root, value))
}

#[test]
fn an_open_set_is_a_string_with_examples() {
    let schemas = schema::all();
    let order = schemas.iter().find(|event| event.name == "order.paid").unwrap().payload.as_value();
    let status = &order["$defs"]["OrderStatus"];
    assert_eq!(status["type"], "string");
    assert!(strings(&status["examples"]).contains("paid") && status["enum"].is_null(), "{status}");
}
