//! A game that keeps its inventory in the same database as the idempotency keys. No item is lost and none is granted
//! twice, whenever the process is killed and however often an event is sent.
//!
//! Run `cargo run --bin exactly_once`, or with a PostgreSQL database
//! `cargo run --bin exactly_once -- --database postgres://user:password@localhost/game`. Then paste the commands that it
//! prints. Paste one of them again, and the inventory does not change.
//! `AGHANIM_WEBHOOK_SECRET` is the webhook's secret, `PORT` the port (8000).

use aghanim_hooks::events::{Balance, Item, ItemAdd, ItemRemove, Player, PlayerVerify};
use aghanim_hooks::idempotency::{Postgres, PostgresStore, Sqlite, SqliteStore, Tx};
use aghanim_hooks::{Rejection, Secret, Webhooks, webhook, webhooks};
use aghanim_hooks_examples::{curl, listen, secret, serve};
use anyhow::bail;
use axum::{Router, routing::post};
use clap::Parser;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection};

#[derive(Parser)]
struct Arguments {
    /// `sqlite:FILE`, which is created if missing, or `postgres://USER:PASSWORD@HOST/DATABASE`
    #[arg(long, default_value = "sqlite:game.db")]
    database: String,
}

/// The check stops SQLite from turning a sum that outgrows 64 bits into a float. PostgreSQL refuses such a sum itself.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS inventory (player_id text, sku text, \
    quantity bigint NOT NULL CHECK (quantity BETWEEN -9223372036854775807 AND 9223372036854775807), \
    PRIMARY KEY (player_id, sku))";

/// Works on both databases. A removal may arrive before the grant that it takes back, so a quantity may be negative for
/// a while.
const CHANGE: &str = "INSERT INTO inventory (player_id, sku, quantity) VALUES ($1, $2, $3) \
    ON CONFLICT (player_id, sku) DO UPDATE SET quantity = inventory.quantity + excluded.quantity";

const OWNED: &str = "SELECT sku, quantity FROM inventory WHERE player_id = $1 ORDER BY sku";

/// The player, with what the inventory has as balances.
fn player(id: String, owned: Vec<(String, i64)>) -> Player {
    let player = Player::builder().player_id(id.clone()).name(id).build();
    owned.into_iter().fold(player, |player, (sku, quantity)| player.balance(Balance::new(sku).with("amount", quantity)))
}

mod sqlite {
    use super::*;

    #[webhook("player.verify")]
    pub(super) async fn verify_player(mut tx: Tx<Sqlite>, event: PlayerVerify) -> Result<Player, Rejection> {
        let owned = sqlx::query_as(OWNED).bind(&event.player_id).fetch_all(&mut *tx).await?;
        Ok(player(event.player_id, owned))
    }

    #[webhook("item.add")]
    pub(super) async fn add_items(tx: Tx<Sqlite>, event: ItemAdd) -> Result<(), Rejection> {
        change(tx, &event.player_id, &event.items, 1).await
    }

    #[webhook("item.remove")]
    pub(super) async fn remove_items(tx: Tx<Sqlite>, event: ItemRemove) -> Result<(), Rejection> {
        change(tx, &event.player_id, &event.items, -1).await
    }

    async fn change(mut tx: Tx<Sqlite>, player: &str, items: &[Item], sign: i64) -> Result<(), Rejection> {
        for item in items {
            let change = sign * i64::from(item.checked_quantity()?);
            sqlx::query(CHANGE).bind(player).bind(&item.sku).bind(change).execute(&mut *tx).await?;
        }
        Ok(())
    }
}

mod postgres {
    use super::*;

    #[webhook("player.verify")]
    pub(super) async fn verify_player(mut tx: Tx<Postgres>, event: PlayerVerify) -> Result<Player, Rejection> {
        let owned = sqlx::query_as(OWNED).bind(&event.player_id).fetch_all(&mut *tx).await?;
        Ok(player(event.player_id, owned))
    }

    #[webhook("item.add")]
    pub(super) async fn add_items(tx: Tx<Postgres>, event: ItemAdd) -> Result<(), Rejection> {
        change(tx, &event.player_id, event.items, 1).await
    }

    #[webhook("item.remove")]
    pub(super) async fn remove_items(tx: Tx<Postgres>, event: ItemRemove) -> Result<(), Rejection> {
        change(tx, &event.player_id, event.items, -1).await
    }

    async fn change(mut tx: Tx<Postgres>, player: &str, mut items: Vec<Item>, sign: i64) -> Result<(), Rejection> {
        // Rows are locked in one order, so that two events for one player cannot deadlock.
        items.sort_unstable_by(|a, b| a.sku.cmp(&b.sku));
        for item in &items {
            let change = sign * i64::from(item.checked_quantity()?);
            sqlx::query(CHANGE).bind(player).bind(&item.sku).bind(change).execute(&mut *tx).await?;
        }
        Ok(())
    }
}

/// The endpoint, with its store and the game's table in the same database.
async fn hooks(secret: Secret, database: &str) -> anyhow::Result<Webhooks> {
    if let Some(file) = database.strip_prefix("sqlite:") {
        let file = file.trim_start_matches("//");
        let store = SqliteStore::open(file).await?;
        SqliteConnectOptions::new().filename(file).connect().await?.execute(TABLE).await?;
        let handlers = webhooks![sqlite::verify_player, sqlite::add_items, sqlite::remove_items];
        return Ok(Webhooks::new(secret, handlers).idempotency(store));
    }
    if database.starts_with("postgres:") || database.starts_with("postgresql:") {
        let store = PostgresStore::connect(database).await?;
        // If several instances start at once, one creates the table and the others wait.
        let table = format!("SELECT pg_advisory_xact_lock(4242); {TABLE}");
        PgConnection::connect(database).await?.execute(AssertSqlSafe(table)).await?;
        let handlers = webhooks![postgres::verify_player, postgres::add_items, postgres::remove_items];
        return Ok(Webhooks::new(secret, handlers).idempotency(store));
    }
    bail!("--database takes `sqlite:FILE` or `postgres://…`, not `{database}`")
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let (secret, listener) = (secret()?, listen().await?);
    let hooks = hooks(secret.clone(), &arguments.database).await?;

    let items = r#"[{"id":"itm_1","sku":"gems_100","name":"100 gems","quantity":1}]"#;
    let player = format!(r#"{{"player_id":"2D2R-OP3C","items":{items}}}"#);
    for (event, data) in
        [("player.verify", r#"{"player_id":"2D2R-OP3C"}"#), ("item.add", &player), ("item.remove", &player)]
    {
        println!("\n{}", curl(&secret, &listener, event, data));
    }
    println!("\nThe table `inventory` of that database shows what was granted.");

    serve(listener, Router::new().route("/webhook", post(hooks))).await?;
    Ok(())
}
