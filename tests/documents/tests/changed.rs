//! Each change of a document is named, and judged.

use aghanim_hooks::documents::{Contract, changes};
use serde_json::{Value, json};

/// A change of the document: where, and the new value. Null removes.
type Edit = (&'static str, Value);

const ITEM: &str = "/components/schemas/Item";
const PLAYER: &str = "/components/schemas/Player";
const EVENT: &str = "/webhooks/item.add/post";

fn edit(document: &mut Value, (path, value): &Edit) {
    let (parent, key) = path.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/");
    let parent = document.pointer_mut(parent).unwrap_or_else(|| panic!("{path} leads nowhere"));
    match parent {
        Value::Array(elements) => drop(elements.remove(key.parse().unwrap())),
        Value::Object(fields) if value.is_null() => drop(fields.remove(&key).unwrap_or_else(|| panic!("{path}"))),
        parent => parent[key] = value.clone(),
    }
}

fn contract() -> Contract {
    Contract::catalogue().only(["player.verify", "player.lookup", "item.*"])
}

/// The changes after these edits, breaking ones with `!` in front.
fn named(edits: &[Edit]) -> Vec<String> {
    let old = contract().openapi();
    let mut new = old.clone();
    for change in edits {
        edit(&mut new, change);
    }
    let changes = changes(&old, &new).unwrap();
    changes.iter().map(|change| format!("{}{change}", if change.is_breaking() { "!" } else { "" })).collect()
}

fn field(of: &str, name: &str) -> String {
    format!("{of}/properties/{name}")
}

#[test]
fn changes_of_an_event() {
    let at = |path: String, value: Value| (&*path.leak(), value);
    for (edits, expected) in [
        (vec![("/webhooks/item.remove", Value::Null)], "!item.remove: the event is gone"),
        (vec![("/webhooks/item.drop", json!({ "post": {} }))], "item.drop: the event is new"),
        (
            vec![at(field(ITEM, "sku"), json!({ "type": "integer" }))],
            "!item.add, item.remove: event.event_data.items[].sku: the type changed from string to integer",
        ),
        (
            vec![at(field(ITEM, "price"), Value::Null)],
            "!item.add, item.remove: event.event_data.items[].price: the field is gone",
        ),
        (
            vec![at(format!("{ITEM}/required"), json!(["id", "sku", "name", "quantity", "price"]))],
            "!item.add, item.remove: event.event_data.items[].price: the field is required now",
        ),
        (
            vec![at(format!("{ITEM}/required"), json!(["id", "sku", "name"]))],
            "item.add, item.remove: event.event_data.items[].quantity: the field is optional now",
        ),
        (
            vec![at(field(ITEM, "tax"), json!({ "type": "integer" }))],
            "item.add, item.remove: event.event_data.items[].tax: the optional field is new",
        ),
        (
            vec![
                at(field(ITEM, "tax"), json!({ "type": "integer" })),
                at(format!("{ITEM}/required"), json!(["id", "sku", "name", "quantity", "tax"])),
            ],
            "!item.add, item.remove: event.event_data.items[].tax: the field is new and required",
        ),
        (
            vec![at(format!("{ITEM}/properties/price/type"), json!("integer"))],
            "!item.add, item.remove: event.event_data.items[].price: null is no longer allowed",
        ),
        (
            vec![at(format!("{ITEM}/properties/sku/type"), json!(["string", "null"]))],
            "item.add, item.remove: event.event_data.items[].sku: null is allowed too",
        ),
        (
            vec![at(format!("{ITEM}/properties/quantity/type"), json!("number"))],
            "item.add, item.remove: event.event_data.items[].quantity: the type changed from integer to number",
        ),
        (
            vec![at(format!("{ITEM}/properties/sku/maxLength"), json!(8))],
            "!item.add, item.remove: event.event_data.items[].sku: `maxLength` is 8 now",
        ),
        (
            vec![at(format!("{ITEM}/additionalProperties"), json!(false))],
            "!item.add, item.remove: event.event_data.items[]: keys without a name are not allowed now",
        ),
        (
            vec![at(format!("{EVENT}/security"), json!([]))],
            "!item.add: the headers changed from X-Aghanim-Signature and X-Aghanim-Signature-Timestamp to X-Aghanim-Signature-Timestamp",
        ),
        (
            vec![("/components/schemas/ItemType/examples/0", Value::Null)],
            "item.add, item.remove: event.event_data.items[].type: the open set no longer lists \"item\"",
        ),
    ] {
        assert_eq!(named(&edits), [expected]);
    }
}

#[test]
fn changes_of_an_answer() {
    let at = |path: String, value: Value| (&*path.leak(), value);
    let ok = || json!({ "description": "", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Ack" } } } });
    let responses = |status: &str| format!("{EVENT}/responses/{status}");
    for (edits, expected) in [
        (
            vec![at(responses("200"), Value::Null), at(responses("202"), ok())],
            "!item.add: the status changed from 200 to 202",
        ),
        (vec![at(responses("202"), ok())], "!item.add: the status 202 may be answered too"),
        (vec![at(responses("429"), ok())], "item.add: the status 429 may be answered too"),
        (vec![at(responses("415"), Value::Null)], "item.add: the status 415 is no longer answered"),
        (
            vec![at(format!("{PLAYER}/required"), json!(["player_id", "name", "attributes", "country"]))],
            "!player.verify: answer 200.country: the field is required now",
        ),
        (
            vec![at(format!("{PLAYER}/required"), json!(["player_id", "name"]))],
            "!player.verify: answer 200.attributes: the field is optional now",
        ),
        (vec![at(field(PLAYER, "banned"), Value::Null)], "!player.verify: answer 200.banned: the field is gone"),
        (
            vec![at(field(PLAYER, "clan"), json!({ "type": "string" }))],
            "player.verify: answer 200.clan: the optional field is new",
        ),
        (
            vec![at(format!("{PLAYER}/properties/name/type"), json!(["string", "null"]))],
            "!player.verify: answer 200.name: null is allowed too",
        ),
        (
            vec![("/components/schemas/Status/enum", json!(["ok", "late"]))],
            "!player.lookup: answer 200.status: the value \"late\" is new",
        ),
        (
            vec![("/components/schemas/Status/enum", json!(["fine"]))],
            "!player.lookup: answer 200.status: the value \"fine\" is new",
        ),
        (
            vec![("/webhooks/player.lookup/post/responses/200/content/application~1json/schema/anyOf/1", Value::Null)],
            "!player.lookup: answer 200: it can no longer be aghanim.Error",
        ),
    ] {
        let named = named(&edits);
        assert!(named.iter().any(|change| change == expected), "{expected}: {named:#?}");
    }
}

#[test]
fn words_about_a_schema_are_no_changes() {
    let edits = [
        ("/info/version", json!("9.0.0")),
        ("/components/schemas/Item/description", json!("Something else.")),
        ("/components/schemas/Item/properties/sku/description", json!("Something else.")),
    ];
    assert_eq!(named(&edits), Vec::<String>::new());
}

#[test]
fn the_spelling_of_a_schema_is_no_change() {
    let mut inlined = contract().openapi();
    let item = inlined["components"]["schemas"]["ItemType"].clone();
    let field = "/components/schemas/Item/properties/type";
    inlined.pointer_mut(field).unwrap_or_else(|| panic!("{field}"))["anyOf"][0] = item;
    assert_eq!(changes(&contract().openapi(), &inlined).unwrap(), []);
}

#[test]
fn asyncapi_documents_are_compared_in_the_same_way() {
    let old = contract().asyncapi();
    let mut new = old.clone();
    edit(&mut new, &("/components/schemas/Player/properties/banned", Value::Null));
    edit(&mut new, &("/components/schemas/Item/properties/sku", json!({ "type": "integer" })));
    let named: Vec<String> = changes(&old, &new).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        named,
        [
            "item.add, item.remove: event.event_data.items[].sku: the type changed from string to integer",
            "player.verify: answer 200.banned: the field is gone",
        ]
    );
}

#[test]
fn only_documents_of_one_kind_are_compared() {
    let (openapi, asyncapi) = (contract().openapi(), contract().asyncapi());
    let error = changes(&openapi, &asyncapi).unwrap_err().to_string();
    assert!(error.contains("OpenAPI and AsyncAPI"), "{error}");
    let error = changes(&json!({ "swagger": "2.0" }), &openapi).unwrap_err().to_string();
    assert!(error.contains("neither OpenAPI 3.1 nor AsyncAPI 3"), "{error}");
}
