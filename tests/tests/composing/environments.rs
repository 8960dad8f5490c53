//! Two handlers of one event, one for each environment.

use aghanim_hooks::events::{AnyOrder, ItemAdd};
use aghanim_hooks::{ConfigError, Rejection, Webhooks, webhook, webhooks};
use serde_json::{Value, json};

use crate::{Endpoint, secret};

#[webhook("item.add", only = "live")]
async fn grant(_event: ItemAdd) -> Result<(), Rejection> {
    Err(Rejection::declined("live"))
}

#[webhook("item.add", only = "sandbox")]
async fn pretend(_event: ItemAdd) -> Result<(), Rejection> {
    Err(Rejection::declined("sandbox"))
}

#[webhook("order.*", only = "sandbox")]
async fn sandbox_orders(_event: AnyOrder) {}

#[webhook("item.add", only = "live", otherwise = "acknowledge")]
async fn live_alone(_event: ItemAdd) {}

fn event(sandbox: &Value, data: &Value) -> Value {
    json!({ "event_type": "item.add", "sandbox": sandbox, "event_data": data })
}

#[tokio::test]
async fn each_environment_has_a_handler_of_its_own() {
    let endpoint = Endpoint::new(Webhooks::new(secret(), webhooks![grant, pretend]), ()).await;
    let data = json!({"player_id": "p", "items": []});
    for (sandbox, message) in [(json!(true), "sandbox"), (json!(false), "live"), (Value::Null, "live")] {
        let answer = endpoint.send(&event(&sandbox, &data)).await;
        assert_eq!((answer.status, answer.json()["message"].as_str()), (400, Some(message)), "{sandbox}");
    }
    let malformed = endpoint.send(&json!({"event_type": "item.add", "sandbox": "yes", "event_data": data})).await;
    assert_eq!((malformed.status, malformed.json()["code"].as_str()), (400, Some("validation_error")));
}

#[test]
fn a_missing_counterpart_is_found_when_it_is_asked_for() {
    let paired: Webhooks = Webhooks::new(secret(), webhooks![grant, pretend]).require_both_environments();
    assert_eq!(paired.check(), Ok(()));
    let lonely: Webhooks = Webhooks::new(secret(), webhooks![grant, pretend, sandbox_orders]);
    assert_eq!(lonely.check(), Ok(()), "one is enough, unless both are required");
    let error = lonely.require_both_environments().check().unwrap_err();
    assert!(matches!(error, ConfigError::OneEnvironment { pattern: "order.*", .. }), "{error}");
    assert!(error.to_string().contains("only = \"sandbox\""), "{error}");
}

#[tokio::test]
async fn the_environment_is_decided_before_the_payload_is_read() {
    let endpoint = Endpoint::new(Webhooks::new(secret(), webhooks![live_alone]), ()).await;
    let other_shape = json!({"of": "another version"});
    let sandbox = endpoint.send(&event(&json!(true), &other_shape)).await;
    assert_eq!((sandbox.status, sandbox.json()), (200, json!({"status": "ok"})));
    let live = endpoint.send(&event(&json!(false), &other_shape)).await;
    assert_eq!((live.status, live.json()["code"].as_str()), (400, Some("validation_error")));
}
