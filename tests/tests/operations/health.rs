use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use aghanim_hooks::StoreHealth;
use aghanim_hooks::idempotency::{
    BoxFuture, Claim, Claimed, Connections, IdempotencyStore, Key, MemoryStore, PostgresStore, Record, StoreError,
    StoredAnswer,
};
use aghanim_hooks_tests::postgres;
use serde_json::{Value, json};

use super::endpoint::{Endpoint, request};

const WELL: u8 = 0;
const FAILS: u8 = 1;
const HANGS: u8 = 2;

/// A store whose lookups fail or hang as they are told, and are counted.
#[derive(Debug, Default)]
struct Moody {
    mood: AtomicU8,
    asked: AtomicU64,
    store: MemoryStore,
}

impl IdempotencyStore for Moody {
    fn retention(&self) -> Duration {
        IdempotencyStore::retention(&self.store)
    }

    fn lookup<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Record>, StoreError>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match self.mood.load(Ordering::Relaxed) {
            FAILS => Box::pin(async { Err(StoreError::new("connection to db.internal refused")) }),
            HANGS => Box::pin(std::future::pending()),
            _ => self.store.lookup(key),
        }
    }

    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, StoreError>> {
        self.store.claim(claim)
    }

    fn complete<'a>(&'a self, claim: &'a Claim, answer: &'a StoredAnswer) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.store.complete(claim, answer)
    }

    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.release(claim)
    }

    fn connections(&self) -> Option<Connections> {
        Some(Connections { busy: 3, idle: 1, most: 10 })
    }
}

async fn ready(endpoint: &Endpoint) -> (u16, Value) {
    let answer = endpoint.get("/ready").await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    (answer.status, answer.json())
}

#[tokio::test]
async fn readiness_follows_the_store_within_a_bound() {
    let moody = Arc::new(Moody::default());
    let store = Arc::clone(&moody);
    let endpoint = Endpoint::start(|hooks| hooks.idempotency(store)).await;
    let (status, json) = ready(&endpoint).await;
    assert_eq!((status, &json["ready"], &json["store"]), (200, &json!(true), &json!("up")));
    assert_eq!(json["connections"], json!({"busy": 3, "idle": 1, "most": 10}));

    // Asked often, the store is asked once a second.
    for _ in 0..20 {
        ready(&endpoint).await;
    }
    assert_eq!(moody.asked.load(Ordering::Relaxed), 1);

    moody.mood.store(FAILS, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let (status, json) = ready(&endpoint).await;
    assert_eq!((status, &json["ready"], &json["store"]), (503, &json!(false), &json!("down")));
    assert!(!json.to_string().contains("db.internal"), "{json}");

    moody.mood.store(HANGS, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let asked = Instant::now();
    assert_eq!(ready(&endpoint).await.0, 503);
    assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());

    moody.mood.store(WELL, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(ready(&endpoint).await.0, 200);
    assert_eq!(endpoint.get("/live").await.status, 200);
}

#[tokio::test]
async fn the_last_success_and_pauses_are_told() {
    let endpoint = Endpoint::start(|hooks| hooks).await;
    let (_, json) = ready(&endpoint).await;
    assert_eq!((&json["store"], &json["last_success"]), (&json!("none"), &Value::Null));
    endpoint.send(&request("item.add", "fails")).await;
    assert_eq!(ready(&endpoint).await.1["last_success"], Value::Null);
    endpoint.send(&request("item.add", "p")).await;
    endpoint.control.pause("item.*", Duration::from_secs(1)).unwrap();
    let (status, json) = ready(&endpoint).await;
    assert!(json["last_success"].as_u64().is_some_and(|at| at > 1_700_000_000), "{json}");
    assert_eq!((status, &json["paused"]), (200, &json!(["item.*"])), "a pause is no reason to go elsewhere");
}

#[tokio::test]
async fn postgres_tells_its_connections() {
    let Some(server) = postgres::server() else { return };
    let database = server.database().await;
    let store = PostgresStore::connect(database.url()).await.unwrap();
    let endpoint = Endpoint::start(|hooks| hooks.idempotency(store)).await;
    let readiness = endpoint.control.readiness().await;
    assert!(matches!(readiness.store, StoreHealth::Up { .. }), "{readiness:?}");
    let Connections { busy, idle, most } = readiness.connections.unwrap();
    assert!(busy + idle >= 1 && most == 10, "{readiness:?}");
}
