//! Without `--forward`, the inspector answers in each event's own shape.

use aghanim_hooks::events::catalogue::CATALOGUE;
use aghanim_hooks::testing::sample_request;
use aghanim_hooks_tests::{Request, signed};
use serde_json::json;

use super::{Inspector, secret};

#[tokio::test(flavor = "multi_thread")]
async fn every_event_of_the_catalogue_is_answered_as_its_contract_says() {
    let inspector = Inspector::start(&[]);
    for event in CATALOGUE {
        let answer = inspector.deliver(&sample_request(event.name).unwrap()).await;
        assert_eq!(answer.status, 200, "{}: {}", event.name, answer.text());
        let detail = inspector.latest().await;
        assert_eq!(detail["answer"]["why"], "accepted", "{}: {detail}", event.name);
        assert_eq!((&detail["fits"], &detail["problem"]), (&json!(true), &json!(null)), "{}", event.name);
        assert_eq!(detail["signature"]["verdict"], "valid");
        let fields = detail["fields"].as_array().unwrap();
        let unknown: Vec<_> = fields.iter().filter(|field| field["known"] == false).collect();
        assert!(unknown.is_empty(), "{}: {unknown:?}", event.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_that_is_not_valid_is_refused_with_its_reason_in_the_history() {
    let inspector = Inspector::start(&[]);
    let body = sample_request("player.verify").unwrap().to_string();
    let altered = signed(&secret(), &body).wire_body(body.replace("\"player.verify\"", "\"player.verifx\""));
    assert_eq!(altered.send(inspector.deliveries).await.unwrap().status, 403);
    assert!(inspector.latest().await["signature"]["reason"].as_str().unwrap().starts_with("no match"));
    let unsigned = Request::post(&body).header("Content-Type", "application/json");
    assert_eq!(unsigned.send(inspector.deliveries).await.unwrap().json()["code"], "invalid_signature");
    let reason = inspector.latest().await["signature"]["reason"].clone();
    assert_eq!(reason, "the header `x-aghanim-signature` is missing");
    inspector.deliver(&sample_request("player.verify").unwrap()).await;
    let invalid = inspector.get("/api/deliveries?signature=invalid").await;
    assert_eq!(invalid["total"], 2, "{invalid}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_secret_nothing_is_checked() {
    let mut command = super::listen(&["--ephemeral"]);
    command.env_remove("AGHANIM_WEBHOOK_SECRET");
    let inspector = Inspector::of(command);
    assert_eq!(inspector.deliver(&sample_request("item.add").unwrap()).await.status, 200);
    assert_eq!(inspector.latest().await["signature"]["verdict"], "unchecked");
    let refused = inspector.ask("POST", "/api/trigger", &json!({"event": "item.add"})).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
}
