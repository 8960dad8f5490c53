//! Extractors of a game's own: one that takes the transaction, and one that rejects with a `Rejection`.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::idempotency::{MemoryStore, NoTransaction, Sqlite, SqliteStore, Tx, UsesTx};
use aghanim_hooks::{ConfigError, Rejection, Webhooks, webhook, webhooks};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde_json::json;

use crate::{Endpoint, keyed, secret};

/// A repository, which the game's functions take instead of a bare transaction.
struct Inventory(Tx<Sqlite>);

impl Inventory {
    async fn add(&mut self, player: &str, sku: &str) -> sqlx::Result<()> {
        let insert = sqlx::query("INSERT INTO grants (player_id, sku) VALUES (?1, ?2)").bind(player).bind(sku);
        insert.execute(&mut *self.0).await.map(drop)
    }
}

impl UsesTx for Inventory {
    type Database = Sqlite;
}

impl<S: Send + Sync> FromRequestParts<S> for Inventory {
    type Rejection = NoTransaction;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NoTransaction> {
        Tx::from_request_parts(parts, state).await.map(Self)
    }
}

/// Refuses a request from an unknown shard.
struct Shard;

impl<S: Send + Sync> FromRequestParts<S> for Shard {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        if parts.uri.query() == Some("shard=7") { Ok(Self) } else { Err(Rejection::deny("no_shard", "no such shard")) }
    }
}

#[webhook("item.add")]
async fn grant(mut inventory: Inventory, event: ItemAdd) -> Result<(), Rejection> {
    for item in &event.items {
        inventory.add(&event.player_id, &item.sku).await?;
    }
    if event.player_id == "nobody" { Err(Rejection::declined("no such player")) } else { Ok(()) }
}

#[webhook("item.remove")]
async fn remove(_shard: Shard, _event: aghanim_hooks::events::ItemRemove) {}

#[tokio::test]
async fn an_extractor_can_take_the_transaction() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("game.db");
    let store = SqliteStore::open(&file).await.unwrap();
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    sqlx::query("CREATE TABLE grants (player_id TEXT, sku TEXT)").execute(&pool).await.unwrap();
    let endpoint = Endpoint::with_store(webhooks![grant], store).await;

    let item = json!({"id": "itm_1", "sku": "sword", "name": "Sword", "quantity": 1});
    let declined = json!({"event_type": "item.add", "event_data": {"player_id": "nobody", "items": [item]}});
    assert_eq!(endpoint.send(&declined).await.status, 400);
    let event = keyed("item.add", &json!({"player_id": "p", "items": [item]}));
    for _ in 0..2 {
        assert_eq!(endpoint.send(&event).await.status, 200);
    }
    let granted: Vec<(String, String)> =
        sqlx::query_as("SELECT player_id, sku FROM grants").fetch_all(&pool).await.unwrap();
    assert_eq!(granted, [("p".to_owned(), "sword".to_owned())], "one grant, and none for the refusal");
}

#[test]
fn an_endpoint_without_transactions_is_refused_as_for_a_tx() {
    let hooks: Webhooks = Webhooks::new(secret(), webhooks![grant]).idempotency(MemoryStore::new());
    assert!(matches!(hooks.check(), Err(ConfigError::OtherDatabase { handler: "grant", database: "SQLite", .. })));
}

#[tokio::test]
async fn a_rejection_of_an_extractor_is_sent_as_it_is_and_not_kept() {
    let endpoint = Endpoint::with_store(webhooks![remove], MemoryStore::new()).await;
    let event = keyed("item.remove", &json!({"player_id": "p", "items": []}));
    let refused = endpoint.send(&event).await;
    let body = json!({"status": "error", "code": "no_shard", "message": "no such shard"});
    assert_eq!((refused.status, refused.json()), (400, body));
    let request = aghanim_hooks_tests::signed(&secret(), event.to_string()).path("/webhook?shard=7");
    assert_eq!(request.send(endpoint.0.address()).await.unwrap().status, 200);
}
