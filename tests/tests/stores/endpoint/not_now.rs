//! Events that are put off: a store that does not answer, and a handler that asks for time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::idempotency::{
    BoxFuture, Claim, Claimed, IdempotencyStore, Key, MemoryStore, Record, StoreError, StoredAnswer,
};
use aghanim_hooks::{Event, Rejection, Secret, Webhooks, webhook, webhooks};
use aghanim_hooks_tests::{Response, Server, signed};
use axum::extract::State;
use axum::{Router, routing::post};

const TIMEOUT: Duration = Duration::from_millis(100);

#[derive(Clone, Default)]
struct Runs(Arc<AtomicUsize>);

/// Not now, the first time, in a way of the player's choosing.
#[webhook("item.add")]
async fn busy(State(runs): State<Runs>, event: Event<ItemAdd>) -> Result<(), Rejection> {
    if runs.0.fetch_add(1, Ordering::SeqCst) > 0 {
        return Ok(());
    }
    match event.data.player_id.as_str() {
        "too many" => Err(Rejection::unavailable(Duration::from_secs(5)).with_status(429)),
        "too many, by hand" => Err(Rejection::deny("busy", "later").with_status(429)),
        "failed" => Err(Rejection::internal("out of luck").with_status(400)),
        "for ever" => Err(Rejection::unavailable(Duration::MAX)),
        _ => Ok(()),
    }
}

struct Endpoint {
    server: Server,
    runs: Runs,
}

impl Endpoint {
    async fn start(store: impl IdempotencyStore) -> Self {
        let runs = Runs::default();
        let hooks = Webhooks::new(secret(), webhooks![busy]).timeout(TIMEOUT).idempotency(store);
        let router = Router::new().route("/webhook", post(hooks)).with_state(runs.clone());
        Self { server: Server::start(router).await.unwrap(), runs }
    }

    async fn send(&self, player: &str) -> Response {
        let body = format!(
            r#"{{"event_type":"item.add","idempotency_key":"k","event_data":{{"player_id":"{player}","items":[]}}}}"#
        );
        signed(&secret(), body).send(self.server.address()).await.unwrap()
    }
}

fn secret() -> Secret {
    Secret::new("whsec_4f1c9d0a77b2e8d6").unwrap()
}

#[tokio::test]
async fn not_now_is_no_decision_whatever_its_status() {
    for (player, status) in [("too many", 429), ("too many, by hand", 429), ("failed", 400), ("for ever", 503)] {
        let endpoint = Endpoint::start(MemoryStore::new()).await;
        assert_eq!(endpoint.send(player).await.status, status, "{player}");
        assert_eq!(endpoint.send(player).await.status, 200, "{player}: the handler runs again");
        assert_eq!(endpoint.runs.0.load(Ordering::SeqCst), 2, "{player}");
    }
}

/// Keeps no answer the first time it is asked to, and says nothing about it.
#[derive(Debug)]
struct Hanging {
    store: MemoryStore,
    asked: AtomicUsize,
}

impl IdempotencyStore for Hanging {
    fn retention(&self) -> Duration {
        IdempotencyStore::retention(&self.store)
    }

    fn lookup<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Record>, StoreError>> {
        self.store.lookup(key)
    }

    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, StoreError>> {
        self.store.claim(claim)
    }

    fn complete<'a>(&'a self, claim: &'a Claim, answer: &'a StoredAnswer) -> BoxFuture<'a, Result<bool, StoreError>> {
        if self.asked.fetch_add(1, Ordering::SeqCst) == 0 {
            return Box::pin(std::future::pending());
        }
        self.store.complete(claim, answer)
    }

    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.release(claim)
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_asked_again_once_the_claim_has_lapsed() {
    let endpoint = Endpoint::start(Hanging { store: MemoryStore::new(), asked: AtomicUsize::default() }).await;
    // A lease is three timeouts, and each of these waits for one.
    for _ in 0..20 {
        let response = endpoint.send("p").await;
        if response.status == 200 {
            return;
        }
        assert_eq!(response.status, 503);
        assert!(response.header("retry-after").is_some());
    }
    panic!("its claim has lapsed long ago, and nobody asks the store");
}
