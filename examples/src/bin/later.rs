//! Orders are acknowledged at once and booked afterwards, exactly once, even if receiver and worker are killed at any
//! moment.
//!
//! Run `cargo run --bin later -- --database sqlite:later.db`, or with `postgres://user:password@localhost/game`, and
//! paste the commands that it prints. Each `order.paid` becomes one row of `bookings(order_id, amount)`. The work for a
//! player named `unlucky` fails: after a few seconds it is a dead letter, which one command finds, one explains and one
//! retries. `--role receive` and `--role work` make two processes of it. `AGHANIM_WEBHOOK_SECRET` is the webhook's
//! secret, `PORT` the port (8000).

use std::time::Duration;

use aghanim_hooks::events::Order;
use aghanim_hooks::idempotency::{Postgres, PostgresStore, Sqlite, SqliteStore, Tx};
use aghanim_hooks::{Rejection, Secret, Webhooks, webhook, webhooks};
use aghanim_hooks_examples::{curl, listen, log, secret, serve};
use aghanim_hooks_river::{Backend, Backoff, River};
use aghanim_hooks_serve::told_to_stop;
use anyhow::bail;
use axum::{Router, routing::post};
use clap::{Parser, ValueEnum};
use sqlx::{AssertSqlSafe, Executor as _, PgPool};

#[derive(Parser)]
struct Arguments {
    /// `sqlite:FILE`, which is created if missing, or `postgres://USER:PASSWORD@HOST/DATABASE`
    #[arg(long, default_value = "sqlite:later.db")]
    database: String,
    /// The part that this process plays
    #[arg(long, value_enum, default_value_t = Role::Both)]
    role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Role {
    /// Acknowledges events and keeps them as jobs
    Receive,
    /// Works the jobs
    Work,
    Both,
}

/// No key: a second booking of an order would be seen.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS bookings (order_id text NOT NULL, amount bigint NOT NULL)";

/// Works on both databases.
const BOOK: &str = "INSERT INTO bookings (order_id, amount) VALUES ($1, $2)";

#[webhook("order.paid", later(attempts = 5, timeout = "5s"))]
async fn book_in_sqlite(mut tx: Tx<Sqlite>, order: Order) -> Result<(), Rejection> {
    sqlx::query(BOOK).bind(&order.id).bind(order.amount).execute(&mut *tx).await?;
    luck(&order)
}

#[webhook("order.paid", later(attempts = 5, timeout = "5s"))]
async fn book_in_postgres(mut tx: Tx<Postgres>, order: Order) -> Result<(), Rejection> {
    sqlx::query(BOOK).bind(&order.id).bind(order.amount).execute(&mut *tx).await?;
    luck(&order)
}

/// A failure, so it is tried again, and what was written is undone.
fn luck(order: &Order) -> Result<(), Rejection> {
    match order.player_id.as_deref() {
        Some("unlucky") => Err(Rejection::internal("the accounting system does not know this player")),
        _ => Ok(()),
    }
}

/// Short pauses, so that a dead letter is soon there to look at.
fn settings<Db: Backend>(river: River<Db>) -> River<Db> {
    river
        .backoff(Backoff { first: Duration::from_millis(500), longest: Duration::from_secs(2) })
        .timeout(Duration::from_secs(5))
        .rescue_after(Duration::from_secs(10))
}

/// The endpoint, with store, jobs and the game's table in the same database.
async fn hooks(secret: Secret, database: &str) -> anyhow::Result<Webhooks> {
    if let Some(file) = database.strip_prefix("sqlite:") {
        let file = file.trim_start_matches("//");
        let store = SqliteStore::open(file).await?;
        let river = River::open(file).await?;
        river.pool().execute(TABLE).await?;
        return Ok(Webhooks::new(secret, webhooks![book_in_sqlite]).idempotency(store).later(settings(river)));
    }
    if database.starts_with("postgres:") || database.starts_with("postgresql:") {
        let pool = PgPool::connect(database).await?;
        let store = PostgresStore::options().pool(pool.clone()).await?;
        // If several instances start at once, one creates the table and the others wait.
        pool.execute(AssertSqlSafe(format!("SELECT pg_advisory_xact_lock(4242); {TABLE}"))).await?;
        let river = River::new(pool).migrate().await?;
        return Ok(Webhooks::new(secret, webhooks![book_in_postgres]).idempotency(store).later(settings(river)));
    }
    bail!("--database takes `sqlite:FILE` or `postgres://…`, not `{database}`")
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { database, role } = Arguments::parse();
    log();
    let secret = secret()?;
    let hooks = hooks(secret.clone(), &database).await?;
    let worker = if role == Role::Receive { None } else { Some(hooks.worker().start().await?) };
    if role == Role::Work {
        println!("working until Ctrl-C");
        told_to_stop().await;
    } else {
        let listener = listen().await?;
        for player in ["2D2R-OP3C", "unlucky"] {
            let order = format!(
                r#"{{"id":"ord_{player}","amount":499,"currency":"USD","created_at":1714147080,"player_id":"{player}","items":[]}}"#
            );
            println!("\n{}", curl(&secret, &listener, "order.paid", &order));
        }
        let dead = format!("cargo run -p aghanim-hooks-cli --features river -- dead --database '{database}'");
        println!("\nDead letters: {dead} list\nWhy:          {dead} show 2\nAgain:        {dead} retry 2");
        serve(listener, Router::new().route("/webhook", post(hooks))).await?;
    }
    if let Some(worker) = worker {
        worker.stop().await?;
    }
    Ok(())
}
