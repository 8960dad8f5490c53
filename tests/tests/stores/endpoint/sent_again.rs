//! The same event again: after an answer, while the first is on its way, and after a failure.

use std::sync::Arc;
use std::time::Duration;

use aghanim_hooks::idempotency::KeyReuse;
use tokio::time::{sleep, timeout};

use super::{Endpoint, body, event, request};
use crate::fixture::Fixture;

crate::suite!(memory, sqlite, postgres => [
    a_duplicate_gets_the_same_bytes,
    duplicates_in_flight_wait_for_the_first,
    after_a_panic_it_is_tried_again,
    after_a_failure_it_is_tried_again,
    a_final_refusal_is_an_answer,
    an_extractor_that_refuses_decides_nothing,
    too_slow_is_undone_and_tried_again,
    a_client_that_hangs_up_leaves_nothing_half_done,
    without_a_key_every_delivery_counts,
    a_key_can_be_required,
    other_data_under_the_same_key,
    a_duplicate_that_does_not_parse_is_answered_all_the_same,
    a_sandbox_event_does_not_stand_in_for_a_live_one,
    a_store_that_is_gone_is_a_503,
]);

async fn a_duplicate_gets_the_same_bytes(fixture: Fixture) {
    let endpoint = Endpoint::start(fixture).await;
    let first = endpoint.ask("p", "k").await;
    assert_eq!((first.status, &first.body[..]), (200, &br#"{"status":"ok"}"#[..]));
    assert_eq!(endpoint.ask("p", "k").await, first, "headers included");
    assert_eq!((endpoint.runs(), endpoint.effects().await), (1, 1));
    assert_eq!(endpoint.ask("p", "another").await, first);
    assert_eq!((endpoint.runs(), endpoint.effects().await), (2, 2));
}

async fn duplicates_in_flight_wait_for_the_first(fixture: Fixture) {
    let endpoint = Arc::new(Endpoint::start(fixture).await);
    let tasks: Vec<_> = (0..32)
        .map(|_| {
            let endpoint = endpoint.clone();
            tokio::spawn(async move { endpoint.ask("takes-its-time", "k").await })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    assert_eq!(answers[0].status, 200);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!((endpoint.runs(), endpoint.effects().await), (1, 1));
}

async fn after_a_panic_it_is_tried_again(fixture: Fixture) {
    let endpoint = Endpoint::start(fixture).await;
    let answer = endpoint.ask("panics", "k").await;
    assert_eq!(answer.status, 500);
    assert_eq!(answer.json()["code"], "internal_error");
    assert_eq!(endpoint.ask("panics", "k").await.status, 200);
    assert_eq!(endpoint.runs(), 2);
    assert_eq!(endpoint.effects().await, if endpoint.in_transaction() { 1 } else { 2 });
}

async fn after_a_failure_it_is_tried_again(fixture: Fixture) {
    let endpoint = Endpoint::start(fixture).await;
    assert_eq!(endpoint.ask("fails", "k").await.status, 500);
    let second = endpoint.ask("fails", "k").await;
    assert_eq!(second.status, 200);
    assert_eq!(endpoint.ask("fails", "k").await, second);
    assert_eq!(endpoint.runs(), 2);
    assert_eq!(endpoint.effects().await, if endpoint.in_transaction() { 1 } else { 2 });
}

async fn a_final_refusal_is_an_answer(fixture: Fixture) {
    let endpoint = Endpoint::start(fixture).await;
    let first = endpoint.ask("declined", "k").await;
    assert_eq!((first.status, first.json()["code"].as_str()), (400, Some("declined")));
    assert_eq!(endpoint.ask("declined", "k").await, first);
    assert_eq!(endpoint.runs(), 1);
    assert_eq!(endpoint.effects().await, usize::from(!endpoint.in_transaction()), "what it wrote is undone");
}

async fn an_extractor_that_refuses_decides_nothing(fixture: Fixture) {
    let endpoint = Endpoint::start(fixture).await;
    let refused = event("p", "k").header("X-Refuse", "1");
    assert_eq!(endpoint.send(&refused).await.status, 403);
    assert_eq!(endpoint.ask("p", "k").await.status, 200);
    // Once answered, a duplicate does not get as far as the extractor.
    assert_eq!(endpoint.send(&refused).await.status, 200);
    assert_eq!((endpoint.runs(), endpoint.effects().await), (1, 1));
}

async fn too_slow_is_undone_and_tried_again(fixture: Fixture) {
    let endpoint = Endpoint::with(fixture, |hooks| hooks.timeout(Duration::from_millis(400))).await;
    let answer = endpoint.ask("slow", "k").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    assert_eq!(answer.json()["code"], "unavailable");
    assert_eq!(endpoint.ask("slow", "k").await.status, 200);
    assert_eq!(endpoint.runs(), 2);
    assert_eq!(endpoint.effects().await, if endpoint.in_transaction() { 1 } else { 2 });
}

async fn a_client_that_hangs_up_leaves_nothing_half_done(fixture: Fixture) {
    let endpoint = Endpoint::start(fixture).await;
    let address = endpoint.address();
    let sent = tokio::spawn(async move { event("takes-its-time", "k").send(address).await });
    while endpoint.runs() == 0 {
        sleep(Duration::from_millis(5)).await;
    }
    // Hangs up while the handler sleeps.
    sent.abort();
    if endpoint.in_transaction() {
        sleep(Duration::from_millis(500)).await;
        assert_eq!(endpoint.effects().await, 0, "undone with its transaction");
    } else {
        let done = async {
            while endpoint.effects().await == 0 {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(10), done).await.expect("done to the end without a transaction");
    }
    assert_eq!(endpoint.ask("takes-its-time", "k").await.status, 200);
    assert_eq!(endpoint.effects().await, 1);
}

async fn without_a_key_every_delivery_counts(fixture: Fixture) {
    let endpoint = Endpoint::start(fixture).await;
    for rest in ["", r#","idempotency_key":null"#, r#","idempotency_key":"""#] {
        assert_eq!(endpoint.send(&request(&body("p", rest))).await.status, 200, "{rest}");
    }
    assert_eq!((endpoint.runs(), endpoint.effects().await), (3, 3));
    let declined = endpoint.send(&request(&body("declined", ""))).await;
    assert_eq!((declined.status, declined.json()["code"].as_str()), (400, Some("declined")));
    assert_eq!(endpoint.effects().await, if endpoint.in_transaction() { 3 } else { 4 });
}

async fn a_key_can_be_required(fixture: Fixture) {
    let endpoint = Endpoint::with(fixture, |hooks| hooks.require_key("item.*")).await;
    for rest in ["", r#","idempotency_key":null"#, r#","idempotency_key":"""#] {
        let answer = endpoint.send(&request(&body("p", rest))).await;
        assert_eq!(answer.status, 400, "{rest}");
        assert!(answer.json()["message"].as_str().unwrap().contains("`idempotency_key`"));
    }
    assert_eq!(endpoint.runs(), 0);
    assert_eq!(endpoint.ask("p", "k").await.status, 200);
}

async fn other_data_under_the_same_key(fixture: Fixture) {
    let second = fixture.other.clone();
    let endpoint = Endpoint::start(fixture).await;
    let first = endpoint.ask("p", "k").await;
    assert_eq!(endpoint.ask("other", "k").await, first);
    let fixture = endpoint.fixture;
    let strict = Endpoint::on(fixture, second, |hooks| hooks.key_reuse(KeyReuse::Refuse)).await;
    let refused = strict.ask("other", "k").await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (409, Some("idempotency_key_reused")));
    assert_eq!(strict.ask("p", "k").await, first, "the same data is a duplicate");
    assert_eq!(strict.runs(), 0);
}

/// The payload's type has become stricter since, and `items` must be there.
async fn a_duplicate_that_does_not_parse_is_answered_all_the_same(fixture: Fixture) {
    let endpoint = Endpoint::start(fixture).await;
    let malformed = request(r#"{"event_type":"item.add","event_data":{"player_id":7},"idempotency_key":"k"}"#);
    assert_eq!(endpoint.send(&malformed).await.status, 400);
    let first = endpoint.ask("p", "k").await;
    assert_eq!(endpoint.send(&malformed).await, first);
}

async fn a_sandbox_event_does_not_stand_in_for_a_live_one(fixture: Fixture) {
    let endpoint = Endpoint::start(fixture).await;
    for rest in [
        r#","idempotency_key":"k","sandbox":true"#,
        r#","idempotency_key":"k","sandbox":false"#,
        r#","idempotency_key":"k""#,
        r#","idempotency_key":"k","game_id":"gm_1""#,
    ] {
        assert_eq!(endpoint.send(&request(&body("p", rest))).await.status, 200);
    }
    assert_eq!(endpoint.effects().await, 3, "an absent `sandbox` is false");
}

async fn a_store_that_is_gone_is_a_503(fixture: Fixture) {
    let endpoint = Endpoint::with(fixture, |hooks| hooks.timeout(Duration::from_secs(3))).await;
    if !endpoint.in_transaction() {
        return;
    }
    endpoint.fixture.execute("ALTER TABLE aghanim_idempotency RENAME TO elsewhere").await;
    let answer = endpoint.ask("p", "k").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    let said = String::from_utf8(answer.body).unwrap();
    assert!(!said.contains("aghanim"), "nothing of the inside is told: {said}");
    endpoint.fixture.execute("ALTER TABLE elsewhere RENAME TO aghanim_idempotency").await;
    assert_eq!(endpoint.ask("p", "k").await.status, 200);
    assert_eq!(endpoint.effects().await, 1);
}
