//! A game's backend on PostgreSQL, as a team writes it: a repository instead of a bare transaction, errors of its own, a
//! schema for sandbox purchases, and a studio's library of handlers beside its own.

use std::sync::Arc;

use aghanim_hooks::events::{ItemAdd, Player, PlayerVerify};
use aghanim_hooks::idempotency::{NoTransaction, Postgres, PostgresStore, Tx, UsesTx};
use aghanim_hooks::{Event, IntoRejection, Rejection, Webhooks, webhook, webhooks};
use aghanim_hooks_tests::postgres;
use axum::extract::{FromRef, FromRequestParts, State};
use axum::http::request::Parts;
use serde_json::{Value, json};
use sqlx::{Executor as _, PgPool};
use studio_events::Books;

use crate::{Endpoint, secret};

#[derive(Clone)]
struct Game {
    pool: PgPool,
    books: Books,
    motto: Arc<str>,
}

impl FromRef<Game> for Books {
    fn from_ref(game: &Game) -> Self {
        game.books.clone()
    }
}

/// The players' items, written in the delivery's transaction.
struct Inventory(Tx<Postgres>);

impl UsesTx for Inventory {
    type Database = Postgres;
}

impl<S: Send + Sync> FromRequestParts<S> for Inventory {
    type Rejection = NoTransaction;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NoTransaction> {
        Tx::from_request_parts(parts, state).await.map(Self)
    }
}

impl Inventory {
    /// Sends what is written next to the tables of the sandbox.
    async fn use_sandbox(&mut self) -> sqlx::Result<()> {
        self.0.execute("SET LOCAL search_path = sandbox").await.map(drop)
    }

    async fn add(&mut self, player: &str, sku: &str, quantity: i64) -> Result<(), GrantError> {
        let known: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM public.players WHERE id = $1)")
            .bind(player)
            .fetch_one(&mut *self.0)
            .await?;
        if !known {
            return Err(GrantError::NoSuchPlayer);
        }
        let insert = sqlx::query("INSERT INTO items (player_id, sku, quantity) VALUES ($1, $2, $3)");
        insert.bind(player).bind(sku).bind(quantity).execute(&mut *self.0).await?;
        Ok(())
    }
}

#[derive(Debug, IntoRejection)]
enum GrantError {
    #[reject(status = 400, code = "declined", message = "no such player")]
    NoSuchPlayer,
    #[reject(internal)]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for GrantError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

#[webhook("player.verify")]
async fn verify(State(game): State<Game>, event: PlayerVerify) -> Result<Player, Rejection> {
    let name: Option<String> = sqlx::query_scalar("SELECT name FROM players WHERE id = $1")
        .bind(&event.player_id)
        .fetch_optional(&game.pool)
        .await?;
    let name = name.ok_or_else(|| Rejection::deny("not_found", "no such player"))?;
    Ok(Player::builder().player_id(event.player_id).name(format!("{name}, {}", game.motto)).build())
}

#[webhook("item.add")]
async fn grant(mut inventory: Inventory, event: Event<ItemAdd>) -> Result<(), GrantError> {
    if event.sandbox {
        inventory.use_sandbox().await?;
    }
    for item in &event.data.items {
        inventory.add(&event.data.player_id, &item.sku, item.quantity).await?;
    }
    Ok(())
}

fn purchase(player: &str, key: &str, sandbox: bool) -> Value {
    let item = json!({"id": "itm_1", "sku": "sword", "name": "Sword", "quantity": 2});
    let data = json!({"player_id": player, "items": [item]});
    json!({"event_type": "item.add", "idempotency_key": key, "sandbox": sandbox, "event_data": data})
}

async fn items(pool: &PgPool, schema: &str) -> i64 {
    let count = sqlx::AssertSqlSafe(format!("SELECT coalesce(sum(quantity), 0)::bigint FROM {schema}.items"));
    sqlx::query_scalar(count).fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn a_backend_on_postgres() {
    let Some(server) = postgres::server() else { return };
    let database = server.database().await;
    let pool = PgPool::connect(database.url()).await.unwrap();
    let tables = "CREATE TABLE players (id text PRIMARY KEY, name text NOT NULL);
        CREATE TABLE items (player_id text, sku text, quantity bigint);
        CREATE SCHEMA sandbox;
        CREATE TABLE sandbox.items (player_id text, sku text, quantity bigint);";
    pool.execute(tables).await.unwrap();
    let store = PostgresStore::options().pool(pool.clone()).await.unwrap();
    let game = Game { pool: pool.clone(), books: Books::default(), motto: "the bold".into() };
    let handlers = webhooks![verify, grant].merge(studio_events::handlers());
    let endpoint = Endpoint::new(Webhooks::new(secret(), handlers).idempotency(store), game.clone()).await;

    // Nobody exists yet: a question is answered anew each time, and a declined purchase stays declined.
    let question = json!({"event_type": "player.verify", "idempotency_key": "q", "event_data": {"player_id": "p"}});
    assert_eq!(endpoint.send(&question).await.status, 404);
    let declined = endpoint.send(&purchase("p", "early", false)).await;
    assert_eq!((declined.status, declined.json()["code"].as_str()), (400, Some("declined")));
    pool.execute("INSERT INTO players VALUES ('p', 'Ada')").await.unwrap();
    let found = endpoint.send(&question).await;
    assert_eq!((found.status, found.json()["name"].as_str()), (200, Some("Ada, the bold")));
    assert_eq!(endpoint.send(&purchase("p", "early", false)).await, declined);

    // Live and sandbox purchases go to schemas of their own, each once.
    for _ in 0..2 {
        assert_eq!(endpoint.send(&purchase("p", "k", false)).await.status, 200);
        assert_eq!(endpoint.send(&purchase("p", "k", true)).await.status, 200);
        assert_eq!(endpoint.send(&purchase("p", "l", true)).await.status, 200);
    }
    assert_eq!((items(&pool, "public").await, items(&pool, "sandbox").await), (2, 4));

    // The studio's handlers are there too.
    let payment = json!({"event_type": "payment.succeeded", "event_data": {"id": "pmt_1"}});
    assert_eq!(endpoint.send(&payment).await.status, 200);
    assert_eq!(game.books.lines(), ["payment.succeeded pmt_1"]);
}
