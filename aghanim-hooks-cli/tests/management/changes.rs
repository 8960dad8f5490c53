//! `create`, `update` and `delete`.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::api::{Api, Fault};
use super::{run, stderr, stdout, text, webhooks};

const CREATE: [&str; 4] = ["create", "https://game.example/webhook", "--event", "player.verify,item.add"];

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_registered_and_its_secret_written() {
    let api = Api::start().await;
    let directory = TempDir::new().unwrap();
    let secret = directory.path().join("secret");
    let more = ["--secret-file", text(&secret), "--batch-mode", "false", "--description", "shop"];
    let output = run(webhooks(&api, &[&CREATE[..], &more].concat())).await.code(0);
    assert_eq!(
        api.registry().bodies,
        [json!({
            "url": "https://game.example/webhook", "events": ["player.verify", "item.add"], "method": "POST",
            "batch_mode": false, "description": "shop",
        })]
    );
    assert_eq!(std::fs::read_to_string(&secret).unwrap(), api.secret("wh_1") + "\n");
    assert!(!stdout(&output).contains("whsec") && stdout(&output).contains("wh_1"), "{}", stdout(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_printed_only_if_asked_for() {
    let api = Api::start().await;
    let output = run(webhooks(&api, &[&CREATE[..], &["--json"]].concat())).await.code(0);
    assert!(!stdout(&output).contains("whsec_4f1c") && !stderr(&output).contains("whsec"), "{}", stdout(&output));
    assert!(stderr(&output).contains("show wh_1 --secret-file"), "{}", stderr(&output));
    let output = run(webhooks(&api, &[&CREATE[..], &["--json", "--again", "--print-secret"]].concat())).await.code(0);
    assert_eq!(serde_json::from_str::<Value>(&stdout(&output)).unwrap()["secret"], api.secret("wh_2").as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_send_events_twice_or_to_nowhere_is_refused() {
    let api = Api::with_two().await;
    let output = run(webhooks(&api, &CREATE)).await.code(2);
    assert!(stderr(&output).contains("`wh_1` has this URL already"), "{}", stderr(&output));
    let output = run(webhooks(&api, &["create", "https://a.example", "--event", "item.ad"])).await.code(2);
    assert!(stderr(&output).contains("item.add, item.remove"), "{}", stderr(&output));
    // The API has the last word about names that are not documented.
    let odd = ["create", "https://a.example", "--event", "item.ad", "--undocumented"];
    let output = run(webhooks(&api, &odd)).await.code(3);
    assert!(stderr(&output).contains("`body.events`: value is not a valid"), "{}", stderr(&output));
    assert!(stderr(&output).contains("change --event"), "{}", stderr(&output));
    assert_eq!(api.count("POST"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_whose_answer_is_lost_is_looked_for_and_never_repeated() {
    for fault in [Fault::DoneAndCutOff, Fault::DoneAndInstead(StatusCode::BAD_GATEWAY, "<html>502</html>")] {
        let api = Api::start().await;
        let directory = TempDir::new().unwrap();
        let secret = directory.path().join("secret");
        api.fails("POST ", fault);
        let output = run(webhooks(&api, &[&CREATE[..], &["--secret-file", text(&secret)]].concat())).await.code(0);
        assert!(stderr(&output).contains("looking whether it was registered"), "{}", stderr(&output));
        assert_eq!(std::fs::read_to_string(&secret).unwrap(), api.secret("wh_1") + "\n");
        assert_eq!(api.registry().calls, ["GET ", "POST ", "GET ", "GET ", "POST /wh_1/reveal"]);
    }
    let api = Api::start().await;
    api.fails("POST ", Fault::CutOff);
    let output = run(webhooks(&api, &CREATE)).await.code(3);
    assert!(stderr(&output).contains("the webhook was not registered"), "{}", stderr(&output));
    assert_eq!(api.count("POST"), 1, "it is not repeated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_was_surely_not_carried_out_is_repeated() {
    let api = Api::start().await;
    api.fails("POST ", Fault::Instead(StatusCode::TOO_MANY_REQUESTS, &[("retry-after", "0")], ""));
    run(webhooks(&api, &CREATE)).await.code(0);
    assert_eq!(api.count("POST"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_sends_all_documented_fields_and_says_what_changed() {
    let api = Api::with_two().await;
    let change = ["update", "wh_1", "--add-event", "store.get", "--remove-event", "order.*", "--enabled", "false"];
    let dry = run(webhooks(&api, &[&change[..], &["--dry-run"]].concat())).await.code(0);
    assert!(
        stdout(&dry).starts_with("would change `enabled` from true to false\nwould change `events` from"),
        "{}",
        stdout(&dry)
    );
    assert_eq!(api.count("PUT"), 0);
    let output = run(webhooks(&api, &change)).await.code(0);
    assert!(stdout(&output).starts_with("changed `enabled` from true to false\n"), "{}", stdout(&output));
    assert_eq!(
        api.registry().bodies,
        [json!({
            "url": "https://game.example/webhook", "method": "POST", "enabled": false, "enabled_logs": true,
            "events": ["player.verify", "item.remove", "item.add", "store.get"],
        })]
    );
    assert_eq!(api.get("wh_1", "region")["name"], "eu", "a field that is not documented is not touched");
    let output = run(webhooks(&api, &["update", "wh_1", "--enabled", "false"])).await.code(0);
    assert_eq!(stdout(&output), "nothing to change\n");
    let output = run(webhooks(&api, &["update", "wh_1", "--remove-event", "order.*"])).await.code(2);
    assert!(stderr(&output).contains("`order.*` is not subscribed"), "{}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_changes_nothing_is_noticed() {
    let api = Api::with_two().await;
    api.registry().stubborn = true;
    let output = run(webhooks(&api, &["update", "wh_1", "--enabled", "false"])).await.code(1);
    assert!(stderr(&output).contains("`enabled` is true, and not false"), "{}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_deleted_without_a_yes() {
    let api = Api::with_two().await;
    let output = run(webhooks(&api, &["delete", "wh_2", "--dry-run"])).await.code(0);
    assert!(stdout(&output).starts_with("would delete `wh_2`, which sends coupon.redeemed to"), "{}", stdout(&output));
    let output = run(webhooks(&api, &["delete", "wh_2", "--dry-run", "--json"])).await.code(0);
    assert!(stdout(&output).contains("region") && !stdout(&output).contains("tok_of"), "{}", stdout(&output));
    let output = run(webhooks(&api, &["delete", "wh_2"]).stdin("yes\n")).await.code(2);
    assert!(stderr(&output).contains("no terminal to ask at: add --yes"), "{}", stderr(&output));
    assert_eq!(api.count("DELETE"), 0);
    run(webhooks(&api, &["delete", "wh_2", "--yes"])).await.code(0);
    assert_eq!(api.get("wh_2", "id"), Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delete_whose_answer_is_lost_is_repeated_until_it_is_gone() {
    let api = Api::with_two().await;
    api.fails("DELETE", Fault::DoneAndCutOff);
    run(webhooks(&api, &["delete", "wh_2", "--yes"])).await.code(0);
    assert_eq!(api.count("DELETE"), 2);
    run(webhooks(&api, &["delete", "wh_2", "--yes"])).await.code(3);
}
