//! Each fault, against a receiver that is idempotent and one that is not.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aghanim_hooks_tests::Server;
use aghanim_hooks_tests::receiver::Flaw;
use aghanim_hooks_tests::signed;
use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Inspector, item_add, receiver_with, secret};

/// A receiver that answers each request by its number, from 1, and its body; and the bodies that came.
async fn scripted(answer: fn(usize, &Value) -> (StatusCode, String)) -> (Server, String, Arc<Mutex<Vec<Value>>>) {
    let came: Arc<Mutex<Vec<Value>>> = Arc::default();
    let kept = Arc::clone(&came);
    let router = Router::new().fallback(async move |body: Bytes| {
        let event: Value = serde_json::from_slice(&body).unwrap_or_default();
        let number = {
            let mut kept = kept.lock().unwrap();
            kept.push(event.clone());
            kept.len()
        };
        answer(number, &event)
    });
    let server = Server::start(router).await.unwrap();
    let url = format!("http://{}/webhook", server.address());
    (server, url, came)
}

fn ok(text: impl Into<String>) -> (StatusCode, String) {
    (StatusCode::OK, text.into())
}

/// The state of the verdict after one `item.add` with duplicates, and the whole verdict.
async fn verdict_of(flaw: Option<Flaw>, duplicates: usize) -> (String, Value) {
    let (_server, url) = receiver_with(flaw).await;
    let inspector = Inspector::start(&["--forward", &url]);
    inspector.set_chaos(json!({"duplicate": duplicates})).await;
    assert_eq!(inspector.get("/api/status").await["verdict"]["state"], "waiting");
    assert_eq!(inspector.deliver(&item_add("k1")).await.status, 200);
    let verdict = inspector.verdict().await;
    (verdict["state"].as_str().unwrap().to_owned(), verdict)
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicates_show_whether_a_receiver_is_idempotent() {
    for (flaw, state, part) in [
        (None, "idempotent", "did not change with the duplicates"),
        (Some(Flaw::DuplicateIsError), "not_idempotent", "it was answered 409 Conflict"),
        (Some(Flaw::NoDedupe), "not_idempotent", "`balances[0].amount` from"),
    ] {
        let (came, verdict) = verdict_of(flaw, 1).await;
        assert_eq!(came, state, "{flaw:?}: {verdict}");
        assert!(verdict["detail"].as_str().unwrap().contains(part), "{flaw:?}: {verdict}");
        assert_eq!((&verdict["event"], &verdict["key"]), (&json!("item.add"), &json!("k1")));
    }
    // It takes the same bytes once, but not the same key with another event id.
    assert_eq!(verdict_of(Some(Flaw::DedupedByEventId), 1).await.0, "idempotent");
    assert_eq!(verdict_of(Some(Flaw::DedupedByEventId), 2).await.0, "differs");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_duplicate_is_sent_and_shown() {
    let (_server, url, came) = scripted(|_, _| ok("")).await;
    let inspector = Inspector::start(&["--forward", &url, "--duplicate", "5"]);
    inspector.deliver(&item_add("k1")).await;
    let verdict = inspector.verdict().await;
    assert_eq!(verdict["state"], "idempotent");
    let detail = verdict["detail"].as_str().unwrap();
    assert!(detail.contains("The inspector sees answers, not effects"), "{detail}");
    let came = came.lock().unwrap().clone();
    let items: Vec<_> = came.iter().filter(|event| event["event_type"] == "item.add").collect();
    assert_eq!(items.len(), 6);
    let count = |key: &Value, id: &Value| {
        let is_it = |event: &&&Value| event["idempotency_key"] == *key && (event["event_id"] == *id);
        items.iter().filter(is_it).count()
    };
    let id = json!("whevt_k1");
    assert_eq!((count(&json!("k1"), &id), count(&Value::Null, &id)), (4, 1));
    let deliveries = inspector.deliveries().await;
    assert_eq!(
        deliveries.iter().filter(|delivery| delivery["origin"] == "duplicate" && delivery["of"] == 1).count(),
        5
    );
    // The copy without a key is not judged.
    assert_eq!(verdict["deliveries"].as_array().unwrap().len(), 5);
    assert_eq!(deliveries[0]["chaos"], json!(["without key, not judged", "the same event id without a key"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_answer_to_a_duplicate_differs() {
    let (_server, url, _) = scripted(|number, _| ok(format!("{{\"status\":\"ok\",\"granted\":{number}}}"))).await;
    let inspector = Inspector::start(&["--forward", &url, "--duplicate", "1"]);
    inspector.deliver(&item_add("k1")).await;
    let verdict = inspector.verdict().await;
    assert_eq!(verdict["state"], "differs", "{verdict}");
    assert!(verdict["detail"].as_str().unwrap().contains("body.granted"), "{verdict}");
    assert_eq!(inspector.line("verdict")["state"], "differs");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_refused_or_has_no_key_is_not_sent_again() {
    let (_server, url, came) = scripted(|_, _| (StatusCode::BAD_REQUEST, "{}".to_owned())).await;
    let inspector = Inspector::start(&["--forward", &url, "--duplicate", "3"]);
    inspector.deliver(&item_add("k1")).await;
    let verdict = inspector.verdict().await;
    assert_eq!(
        (&verdict["state"], &verdict["title"]),
        (&json!("waiting"), &json!("The first delivery was not accepted"))
    );
    let mut without = item_add("k2");
    without["idempotency_key"] = Value::Null;
    inspector.deliver(&without).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(came.lock().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inspector_does_not_judge_itself() {
    let inspector = Inspector::start(&["--duplicate", "1", "--cut-body"]);
    inspector.deliver(&item_add("k1")).await;
    let verdict = inspector.verdict().await;
    assert_eq!((&verdict["state"], &verdict["title"]), (&json!("waiting"), &json!("There is no receiver to judge")));
    assert_eq!(inspector.deliveries().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_gone_is_not_judged() {
    let (server, url) = receiver_with(None).await;
    drop(server);
    let inspector = Inspector::start(&["--forward", &url, "--duplicate", "1"]);
    assert_eq!(inspector.deliver(&item_add("k1")).await.status, 502);
    assert_eq!(inspector.verdict().await["state"], "unreachable");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_answer_is_judged_by_the_senders_retry() {
    for (answer, state) in [
        ((|_, _| ok("{}")) as fn(usize, &Value) -> _, "idempotent"),
        (|number, _| if number == 1 { ok("{}") } else { (StatusCode::CONFLICT, "{}".to_owned()) }, "not_idempotent"),
    ] {
        let (_server, url, came) = scripted(answer).await;
        let inspector = Inspector::start(&["--forward", &url, "--drop-answer"]);
        let request = signed(&secret(), item_add("k1").to_string());
        assert!(request.send(inspector.deliveries).await.is_err(), "the connection ends without an answer");
        let first = inspector.latest().await;
        assert_eq!((&first["status"], &first["failure"]), (&json!(200), &json!("the answer was dropped on purpose")));
        inspector.set_chaos(json!({})).await;
        request.send(inspector.deliveries).await.unwrap();
        let verdict = inspector.verdict().await;
        assert_eq!(verdict["state"], state, "{verdict}");
        assert!(verdict["detail"].as_str().unwrap().contains("did not reach the sender"), "{verdict}");
        assert_eq!(came.lock().unwrap().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inspector_retries_its_own_event_after_a_dropped_answer() {
    for (flaw, state) in [(None, "idempotent"), (Some(Flaw::DuplicateIsError), "not_idempotent")] {
        let (_server, url) = receiver_with(flaw).await;
        let inspector = Inspector::start(&["--forward", &url, "--drop-answer"]);
        let event = json!({"event": "item.add", "data": item_add("k1")["event_data"]});
        inspector.post("/api/trigger", event).await;
        let verdict = inspector.verdict().await;
        assert_eq!(verdict["state"], state, "{verdict}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_body_comes_before_the_whole_one() {
    for (flaw, state) in [(None, "idempotent"), (Some(Flaw::StrictKeys), "differs")] {
        let (_server, url) = receiver_with(flaw).await;
        let inspector = Inspector::start(&["--forward", &url, "--cut-body"]);
        let mut event = item_add("k1");
        if flaw.is_some() {
            event["region"] = json!("eu");
        }
        let answer = inspector.deliver(&event).await;
        assert_eq!(answer.status == 200, flaw.is_none());
        let verdict = inspector.verdict().await;
        assert_eq!(verdict["state"], state, "{verdict}");
        let cut = inspector.ended(2).await;
        assert_eq!(
            (&cut["origin"], &cut["chaos"], &cut["status"]),
            (&json!("duplicate"), &json!(["cut_body"]), &Value::Null)
        );
        let size = event.to_string().len();
        assert_eq!(cut["failure"], format!("the body was cut after {} of {size} bytes", size / 2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_held_for_the_delay() {
    let inspector = Inspector::start(&["--delay", "300ms"]);
    let started = Instant::now();
    assert_eq!(inspector.deliver(&item_add("k1")).await.status, 200);
    assert!(started.elapsed() >= Duration::from_millis(300));
    let delivery = inspector.latest().await;
    assert_eq!(delivery["chaos"], json!(["delay 300 ms"]));
    assert!(delivery["ms"].as_f64().unwrap() < 300.0, "the answer's time is the receiver's: {delivery}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_delivery_overtakes_the_first() {
    let (_server, url, came) = scripted(|_, _| ok("")).await;
    let inspector = Inspector::start(&["--forward", &url, "--reorder"]);
    let address = inspector.deliveries;
    let first = tokio::spawn(async move { signed(&secret(), item_add("k1").to_string()).send(address).await });
    super::until(async || (inspector.deliveries().await.len() == 1).then_some(())).await;
    assert_eq!(inspector.deliver(&item_add("k2")).await.status, 200);
    assert_eq!(first.await.unwrap().unwrap().status, 200);
    let keys: Vec<_> = came.lock().unwrap().iter().map(|event| event["idempotency_key"].clone()).collect();
    assert_eq!(keys, ["k2", "k1"]);
    // One that nothing overtakes goes on after a while.
    assert_eq!(inspector.deliver(&item_add("k3")).await.status, 200);
    assert_eq!(inspector.latest().await["chaos"], json!(["held, but no other delivery came"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fixed_answer_is_given_so_many_times() {
    let (_server, url, came) = scripted(|_, _| ok("")).await;
    let inspector = Inspector::start(&["--forward", &url, "--answer", "503", "--times", "2"]);
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(inspector.deliver(&item_add("k1")).await.status);
    }
    assert_eq!(statuses, [503, 503, 200]);
    assert_eq!(came.lock().unwrap().len(), 1);
    assert_eq!(inspector.get("/api/status").await["chaos"]["answer"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_are_not_kept_are_not_disturbed() {
    let (_server, url, came) = scripted(|_, _| ok("")).await;
    let arguments = ["--forward", &url, "--events", "order.*,payment.*", "--duplicate", "2", "--answer", "503"];
    let inspector = Inspector::start(&arguments);
    assert_eq!(inspector.deliver(&item_add("k1")).await.status, 200);
    assert_eq!((inspector.deliveries().await.len(), came.lock().unwrap().len()), (0, 1));
    let paid = aghanim_hooks::testing::sample_request("order.paid").unwrap();
    assert_eq!(inspector.deliver(&paid).await.status, 503);
    assert_eq!(inspector.deliveries().await.len(), 1);
}
