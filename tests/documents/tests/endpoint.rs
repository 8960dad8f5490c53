//! The document of an endpoint says what the endpoint does.

use aghanim_hooks::documents::{Contract, changes};
use aghanim_hooks::testing::TestClient;
use aghanim_hooks::{WebhookEvent, Webhooks, webhook, webhooks};
use aghanim_hooks_documents_tests::errors;
use aghanim_hooks_tests::signed;
use axum::Router;
use axum::routing::post;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::documents;
use crate::game::{endpoint, secret};

/// Sends a request to the endpoint, and returns the status and the JSON of the answer.
async fn answer(request: &Value) -> (u16, Value) {
    let app: Router = Router::new().route("/webhook", post(endpoint()));
    let request = signed(&secret(), request.to_string()).to_http();
    let client = TestClient::new(app, secret());
    let answer = client.request(request).await;
    (answer.status.as_u16(), answer.json().expect("every answer is JSON"))
}

#[tokio::test]
async fn every_answer_fits_the_document() {
    let contract = endpoint().contract();
    let items = json!([{ "id": "itm_1", "sku": "gems_100", "name": "100 gems", "quantity": 1 }]);
    let mut answered = Vec::new();
    for (event, data) in [
        ("player.verify", json!({ "player_id": "2D2R-OP3C" })),
        ("player.verify", json!({ "player_id": "nobody" })),
        ("player.verify", json!({ "player_id": "broken" })),
        ("player.verify", json!({})),
        ("player.lookup", json!({ "account_id": "A1" })),
        ("player.lookup", json!({ "server": "eu-1" })),
        ("store.get", json!({ "player_id": "2D2R-OP3C" })),
        ("item.add", json!({ "player_id": "2D2R-OP3C", "items": items })),
        ("guild.joined", json!({ "guild": { "name": "Dusk", "inner": [{ "name": "Dawn" }] } })),
        ("guild.joined", json!({ "guild": { "name": "" } })),
        ("guild.left", json!({ "guild_id": "gld_1" })),
        ("campaign.custom", json!({ "any": "thing" })),
    ] {
        let request = json!({
            "event_type": event, "event_data": data, "sandbox": false, "idempotency_key": format!("key of {data}"),
        });
        let (status, body) = answer(&request).await;
        let [openapi, asyncapi] = documents(&contract);
        // AsyncAPI has one status for every refusal.
        let is_other = (400..500).contains(&status) && !asyncapi.has_answer(event, status);
        let of_refusals = if is_other { 400 } else { status };
        for (document, status) in [(openapi, status), (asyncapi, of_refusals)] {
            assert_eq!(errors(&document.answer(event, status), &body), "", "{event} {status}: {body}");
        }
        answered.push(status);
    }
    assert_eq!(answered, [200, 404, 500, 400, 200, 200, 200, 400, 200, 400, 200, 200]);
}

#[tokio::test]
async fn what_the_settings_require_is_required_in_the_document() {
    let contract = endpoint().contract();
    let whole = json!({
        "event_type": "item.add",
        "event_data": { "player_id": "2D2R-OP3C", "items": [] },
        "idempotency_key": "k",
        "sandbox": true,
    });
    let change = |field: &str, value: Value| {
        let mut request = whole.clone();
        request[field] = value;
        request
    };
    let without = |field: &str| {
        let mut request = whole.clone();
        request.as_object_mut().unwrap().remove(field);
        request
    };
    for document in documents(&contract) {
        let validator = document.event("item.add");
        assert_eq!(errors(&validator, &whole), "");
        for request in [
            change("idempotency_key", json!("")),
            change("idempotency_key", Value::Null),
            change("sandbox", Value::Null),
            without("idempotency_key"),
            without("sandbox"),
        ] {
            assert_ne!(errors(&validator, &request), "", "{request}");
            let (status, body) = answer(&request).await;
            assert_eq!((status, &body["code"]), (400, &json!("validation_error")), "{request}: {body}");
        }
        let verify = json!({ "event_type": "player.verify", "event_data": { "player_id": "a" }, "sandbox": true });
        assert_eq!(errors(&document.event("player.verify"), &verify), "", "a key is required of `item.*` only");
    }
}

#[test]
fn families_are_listed_by_event_and_as_a_family() {
    let contract = endpoint().contract();
    let events: Vec<&str> = contract.events().collect();
    for name in ["order.paid", "order.refunded", "order.*", "payment.succeeded", "*", "guild.joined"] {
        assert_eq!(events.iter().filter(|event| **event == name).count(), 1, "{name}");
    }
    let document = contract.openapi();
    let schema =
        |name: &str| document["webhooks"][name]["post"]["requestBody"]["content"]["application/json"]["schema"].clone();
    assert_eq!(schema("order.paid")["properties"]["event_data"], schema("order.*")["properties"]["event_data"]);
    assert_eq!(schema("order.*")["properties"]["event_type"]["pattern"], "^order\\.");
    assert_eq!(schema("order.paid")["properties"]["event_type"]["const"], "order.paid");
}

#[test]
fn an_event_of_ones_own_is_described_by_its_payload() {
    let document = endpoint().contract().openapi();
    let operation = |name: &str| &document["webhooks"][name]["post"];
    assert_eq!(operation("guild.joined")["summary"], "A player joined a guild.");
    assert_eq!(operation("guild.joined")["description"], Value::Null);
    assert_eq!(operation("guild.left")["summary"], "`guild.left`", "its type has no schema, so no description");
    assert!(operation("item.add")["summary"].as_str().unwrap().contains("grant them"));
}

#[test]
fn a_type_without_a_schema_is_named() {
    let contract = endpoint().contract();
    assert_eq!(contract.undescribed().collect::<Vec<_>>(), ["guild.left"]);
    assert_eq!(Contract::catalogue().undescribed().count(), 0);
}

#[test]
fn a_type_that_is_read_and_written_differently_has_two_schemas() {
    let document = endpoint().contract().openapi();
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["Guild"]["required"], json!(["name"]));
    assert_eq!(schemas["Guild.answer"]["required"], json!(["name", "banner", "inner"]));
    assert_eq!(schemas["GuildCard"]["properties"]["guild"]["$ref"], "#/components/schemas/Guild.answer");
    assert_eq!(schemas["Guild.answer"]["properties"]["inner"]["items"]["$ref"], "#/components/schemas/Guild.answer");
    assert_eq!(schemas["GuildCard"]["description"], "A guild and its motto. See `Guild`.");
}

#[test]
fn a_document_of_the_same_endpoint_has_no_changes() {
    let contract = || endpoint().contract();
    assert_eq!(changes(&contract().openapi(), &contract().openapi()).unwrap(), []);
    assert_eq!(changes(&contract().asyncapi(), &contract().asyncapi()).unwrap(), []);
}

/// An event with the name that the library gives to an answer.
#[derive(Debug, Deserialize, JsonSchema, WebhookEvent)]
#[event("failed", "failed.answer")]
struct QuestFailed {
    #[expect(dead_code, reason = "only in the schema")]
    quest_id: String,
}

#[webhook("failed", "failed.answer")]
async fn failed(_event: QuestFailed) {}

#[test]
fn an_event_may_have_the_name_of_an_answer() {
    let hooks: Webhooks = Webhooks::new(secret(), webhooks![failed]);
    for document in documents(&hooks.contract()) {
        for name in ["failed", "failed.answer"] {
            let event = json!({ "event_type": name, "event_data": { "quest_id": "q1" } });
            assert_eq!(errors(&document.event(name), &event), "", "{name}");
            let error = json!({ "status": "error", "code": "internal_error", "message": "Internal error" });
            assert_eq!(errors(&document.answer(name, 500), &error), "", "{name}");
            assert_ne!(errors(&document.event(name), &error), "", "{name}");
        }
    }
}
