//! The meaning of the endpoint's answers for the report.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::idempotency::MemoryStore;
use aghanim_hooks::testing::{self, Sample, TestClient};
use aghanim_hooks::{Environment, Otherwise, Secret, UnknownEvents};
use aghanim_hooks_batch::{Batch, ErrorKind};

use super::game::{Game, event, hooks, lines, run, run_at};

#[tokio::test]
async fn each_failure_says_what_the_endpoint_would_answer() {
    let file = lines(["a", "refused", "broken", "panic"]) + "{\"event_type\":\"quest.done\",\"event_data\":{}}\n";
    let (report, seen) = run(file).await;
    let report = report.unwrap();
    assert_eq!(seen, ["a", "refused", "broken", "panic"]);
    assert_eq!((report.events, report.answered, report.failed), (5, 1, 4));
    let failures: Vec<_> = report
        .failures
        .iter()
        .map(|failure| (failure.number, failure.status, failure.outcome.as_str(), failure.code.as_str()))
        .collect();
    assert_eq!(
        failures,
        [
            (2, 400, "refused", "declined"),
            (3, 500, "failed", "internal_error"),
            (4, 500, "failed", "internal_error"),
            (5, 400, "malformed", "validation_error"),
        ]
    );
    let refused = &report.failures[0];
    assert_eq!(refused.event.as_deref(), Some("quest.done"));
    assert_eq!(refused.event_id.as_deref(), Some("whevt_refused"));
    assert_eq!(refused.key.as_deref(), Some("key refused"));
    assert_eq!(refused.message, "no such quest");
    assert_eq!(refused.offset, event("a").len() as u64 + 1);
    assert!(report.failures[3].message.starts_with("`event_data`: missing field `id`"));
    assert!(!report.to_string().contains("burns"), "the cause is in the log only");
    assert!(
        report.to_string().contains("2: quest.done whevt_refused key refused 400 declined: no such quest"),
        "{report}"
    );
}

#[tokio::test]
async fn a_second_run_gets_the_stored_answers() {
    let hooks = hooks().idempotency(MemoryStore::new());
    let file = lines(["a", "b", "refused", "broken"]);
    let (first, seen) = run_at(&hooks, &file).await;
    assert_eq!((first.unwrap().answered, seen.len()), (2, 4));
    let (second, seen) = run_at(&hooks, &file).await;
    let second = second.unwrap();
    assert_eq!(seen, ["broken"], "what failed is tried again");
    assert_eq!((second.answered, second.replayed, second.failed), (0, 2, 2));
    assert_eq!(second.failures[0].code, "declined", "the stored refusal");
}

#[tokio::test]
async fn a_key_is_the_same_in_a_batch_and_in_a_delivery() {
    let game = Game::default();
    let hooks = hooks().idempotency(MemoryStore::new());
    let app = axum::Router::new().route("/webhook", axum::routing::post(hooks.clone())).with_state(game.clone());
    let client = TestClient::new(app, Secret::new("whsec_4f1c9d0a77b2e8d6").unwrap());
    client.send(ItemAdd::sample()).key("k1").await.unwrap();
    let line = |key: &str| testing::event(ItemAdd::sample()).key(key).build().to_json().unwrap() + "\n";
    let batch = Batch::new(&hooks, game.clone()).unwrap();
    let report = batch.run((line("k1") + &line("k2")).as_bytes()).await.unwrap();
    assert_eq!((report.replayed, report.answered, game.seen().len()), (1, 1, 2));
}

#[tokio::test]
async fn events_that_never_come_in_batches_are_handled_and_counted() {
    let file = r#"{"event_type":"item.add","event_data":{"player_id":"p1","items":[]}}
        {"event_type":"player.verify","event_data":{"player_id":"p2"}}
        {"event_type":"item.add","event_data":{"player_id":"p3","items":[]}}"#;
    let (report, seen) = run(file).await;
    let report = report.unwrap();
    assert_eq!(seen, ["granted to p1", "verified p2", "granted to p3"]);
    assert_eq!((report.answered, report.failed), (3, 0));
    assert_eq!(
        report.unexpected.into_iter().collect::<Vec<_>>(),
        [("item.add".to_owned(), 2), ("player.verify".to_owned(), 1)]
    );
}

#[tokio::test]
async fn what_the_endpoint_acknowledges_without_a_handler_is_ignored() {
    let hooks = hooks().unknown_events(UnknownEvents::Accept).only(Environment::Live, Otherwise::Acknowledge);
    let file = format!(
        "{}\n{}\n{}",
        r#"{"event_type":"brand.new","event_data":{}}"#,
        r#"{"event_type":"quest.done","sandbox":true,"event_data":{"id":"sandbox"}}"#,
        event("a")
    );
    let (report, seen) = run_at(&hooks, file).await;
    let report = report.unwrap();
    assert_eq!((seen.concat().as_str(), report.ignored, report.failed), ("a", 2, 0));
}

/// One event at a time, or several: the handlers wait, so their number shows in the time.
#[tokio::test(start_paused = true)]
async fn order_and_concurrency() {
    let file: String = [("a", 300), ("b", 200), ("c", 100)]
        .map(|(id, wait)| {
            format!("{{\"event_type\":\"quest.done\",\"event_data\":{{\"id\":\"{id}\",\"wait\":{wait}}}}}\n")
        })
        .concat();
    for (concurrency, order, took) in [(0, "abc", 600), (1, "abc", 600), (3, "cba", 300), (2, "bac", 400)] {
        let game = Game::default();
        let began = tokio::time::Instant::now();
        let progress = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&progress);
        let batch = Batch::new(&hooks(), game.clone()).unwrap();
        // Zero is for the default.
        let batch = if concurrency == 0 { batch } else { batch.concurrency(concurrency) };
        let batch = batch.progress(move |report| seen.lock().unwrap().push(report.events));
        let report = batch.run(file.as_bytes()).await.unwrap();
        assert_eq!((report.answered, game.seen().concat().as_str()), (3, order));
        assert_eq!(began.elapsed().as_millis() / 10, took / 10, "{concurrency} at once");
        assert_eq!(*progress.lock().unwrap(), [1, 2, 3]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_paused_event_is_waited_for() {
    let hooks = hooks();
    let control = hooks.control();
    control.pause("quest.done", Duration::from_secs(1)).unwrap();
    let resumed = control.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(20)).await;
        resumed.resume("quest.done");
    });
    let game = Game::default();
    let report = Batch::new(&hooks, game.clone()).unwrap().run(lines(["a", "b"]).as_bytes()).await.unwrap();
    assert_eq!((report.answered, game.seen().len()), (2, 2));
    // It stays paused: the run ends there, and fails no event.
    control.pause("quest.done", Duration::from_secs(1)).unwrap();
    let began = tokio::time::Instant::now();
    let error = Batch::new(&hooks, game.clone()).unwrap().run(lines(["c"]).as_bytes()).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unavailable { number: 1, outcome: "paused" }), "{error}");
    assert!(began.elapsed() > Duration::from_secs(55) && error.report().failed == 0);
    assert_eq!(error.to_string(), "event 1 can't be handled now (paused), after 0 events");
}

#[tokio::test]
async fn a_drain_ends_the_run_at_once() {
    let hooks = hooks();
    let control = hooks.control();
    let began = Instant::now();
    let game = Game::default();
    let batch = Batch::new(&hooks, game.clone()).unwrap().progress(move |_| control.drain());
    let error = batch.run(lines(["a", "b", "c"]).as_bytes()).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unavailable { number: 2, outcome: "draining" }), "{error}");
    assert_eq!((game.seen().concat().as_str(), error.report().events), ("a", 1));
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_asks_for_a_retry_is_called_again_and_then_failed() {
    let game = Game::default();
    let batch = Batch::new(&hooks(), game.clone()).unwrap().patience(Duration::from_secs(1));
    let report = batch.run(lines(["later", "b"]).as_bytes()).await.unwrap();
    assert_eq!((report.answered, report.failures[0].status), (1, 503));
    assert!(game.seen().len() > 4, "{:?}", game.seen());
}

#[tokio::test]
async fn extensions_reach_the_handlers() {
    use aghanim_hooks::{RawEvent, Webhooks, webhook, webhooks};
    use axum::Extension;

    #[webhook("quest.done")]
    async fn count(Extension(counter): Extension<Arc<AtomicU64>>, _event: RawEvent) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
    let hooks = Webhooks::new(Secret::new("whsec_4f1c9d0a77b2e8d6").unwrap(), webhooks![count]);
    let counter = Arc::new(AtomicU64::new(0));
    let batch = Batch::new(&hooks, ()).unwrap().extension(Arc::clone(&counter));
    batch.run(lines(["a", "b"]).as_bytes()).await.unwrap();
    assert_eq!(counter.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn settings_that_contradict_each_other_are_refused() {
    let error = Batch::new(&hooks().require_key("item.add"), Game::default()).unwrap_err();
    assert!(!error.to_string().is_empty());
}
