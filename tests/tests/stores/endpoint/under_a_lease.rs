//! A handler under a lease, and a store that is slow to give the key or to take the answer.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::idempotency::{
    BoxFuture, Claim, Claimed, IdempotencyStore, Key, MemoryStore, Record, StoreError, StoredAnswer,
};
use aghanim_hooks::{Webhooks, webhook, webhooks};
use aghanim_hooks_tests::{Response, Server};
use axum::{Router, routing::post};
use tokio::time::sleep;

use super::{SECRET, event};

#[webhook("item.add")]
async fn grant(_event: ItemAdd) {}

/// A store that fails some times, and notes the moment of each question.
#[derive(Debug, Default)]
struct Slow {
    store: MemoryStore,
    /// The number of claims that find the key held by another process.
    held: usize,
    /// The number of answers that can't be stored.
    failures: usize,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    claims: Vec<Instant>,
    completions: Vec<Instant>,
    leases: Vec<Duration>,
}

impl IdempotencyStore for Slow {
    fn retention(&self) -> Duration {
        IdempotencyStore::retention(&self.store)
    }

    fn lookup<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Record>, StoreError>> {
        self.store.lookup(key)
    }

    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, StoreError>> {
        let mut seen = self.seen.lock().unwrap();
        seen.claims.push(Instant::now());
        seen.leases.push(claim.lease);
        if seen.claims.len() <= self.held {
            return Box::pin(async { Ok(Claimed::InFlight) });
        }
        self.store.claim(claim)
    }

    fn complete<'a>(&'a self, claim: &'a Claim, answer: &'a StoredAnswer) -> BoxFuture<'a, Result<bool, StoreError>> {
        let mut seen = self.seen.lock().unwrap();
        seen.completions.push(Instant::now());
        if seen.completions.len() <= self.failures {
            return Box::pin(async { Err(StoreError::new("the disk is full")) });
        }
        self.store.complete(claim, answer)
    }

    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.release(claim)
    }
}

struct Endpoint {
    server: Server,
    store: Arc<Slow>,
}

impl Endpoint {
    async fn start(timeout: Duration, store: Slow) -> Self {
        let store = Arc::new(store);
        let secret = aghanim_hooks::Secret::new(SECRET).unwrap();
        let hooks = Webhooks::new(secret, webhooks![grant]).timeout(timeout).idempotency(Arc::clone(&store));
        let server = Server::start(Router::new().route("/webhook", post(hooks))).await.unwrap();
        Self { server, store }
    }

    async fn ask(&self) -> Response {
        event("p", "k").send(self.server.address()).await.unwrap()
    }
}

#[tokio::test]
async fn a_key_held_elsewhere_and_a_store_that_fails_once_are_waited_for() {
    let timeout = Duration::from_secs(10);
    let endpoint = Endpoint::start(timeout, Slow { held: 3, failures: 1, ..Slow::default() }).await;
    let began = Instant::now();
    assert_eq!(endpoint.ask().await.status, 200);
    assert!(began.elapsed() >= Duration::from_millis(10 + 20 + 40), "the pause between two questions doubles");
    let seen = endpoint.store.seen.lock().unwrap();
    assert_eq!((seen.claims.len(), seen.completions.len()), (4, 2));
    assert!(seen.leases.iter().all(|lease| *lease == 3 * timeout), "{seen:?}");
}

#[tokio::test]
async fn a_key_held_elsewhere_is_asked_for_until_the_deadline_and_no_longer() {
    let endpoint = Endpoint::start(Duration::from_millis(300), Slow { held: usize::MAX, ..Slow::default() }).await;
    let answer = endpoint.ask().await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    // The attempt does not need its client: it may be in its last pause.
    sleep(Duration::from_millis(300)).await;
    let asked = endpoint.store.seen.lock().unwrap().claims.len();
    assert!((3..12).contains(&asked), "{asked} questions");
    sleep(Duration::from_millis(600)).await;
    assert_eq!(endpoint.store.seen.lock().unwrap().claims.len(), asked, "the store is asked after the deadline");
}

/// The effect has happened, so storing the answer is tried for as long as the lease holds: three timeouts.
#[tokio::test]
async fn an_answer_is_tried_to_be_stored_until_the_lease_lapses_and_no_longer() {
    let timeout = Duration::from_millis(500);
    let endpoint = Endpoint::start(timeout, Slow { failures: usize::MAX, ..Slow::default() }).await;
    assert_eq!(endpoint.ask().await.status, 503);
    sleep(Duration::from_millis(1800)).await;
    let seen = endpoint.store.seen.lock().unwrap();
    let last = seen.completions.last().unwrap().duration_since(seen.claims[0]);
    // The longest pause is a quarter of a second.
    assert!(last > Duration::from_secs(1), "given up {last:?} after the claim");
    assert!(last < Duration::from_millis(1700), "tried {last:?} after the claim, whose lease was 1.5 s");
}
