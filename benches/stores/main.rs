//! Keyed deliveries a second, in process, on each store: signature, claim, the handler's write, answer and commit.
//!
//! ```sh
//! cargo run --release -p aghanim-hooks-benches --features stores --bin stores
//! ```
//!
//! PostgreSQL is the server that `AGHANIM_TEST_POSTGRES` names, else one of our own, with its default settings.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::idempotency::{MemoryStore, Postgres, PostgresStore, Sqlite, SqliteStore, Tx};
use aghanim_hooks::{Rejection, Secret, Webhooks, webhook, webhooks};
use aghanim_hooks_benches::request::{Delivery, SECRET};
use aghanim_hooks_tests::postgres;
use axum::Router;
use axum::routing::post;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};
use tower::ServiceExt as _;

/// Deliveries under way at once: as many as connections of PostgreSQL's pool, and many more.
const CONCURRENCY: [usize; 3] = [1, 16, 256];
const TIME: Duration = Duration::from_secs(3);

const TABLE: &str =
    "CREATE TABLE inventory (player_id text, sku text, quantity bigint NOT NULL, PRIMARY KEY (player_id, sku))";
const GRANT: &str = "INSERT INTO inventory (player_id, sku, quantity) VALUES ($1, 'gems', 1) \
    ON CONFLICT (player_id, sku) DO UPDATE SET quantity = inventory.quantity + 1";

#[webhook("item.add")]
async fn leased(_event: ItemAdd) {}

#[webhook("item.add")]
async fn in_sqlite(mut tx: Tx<Sqlite>, event: ItemAdd) -> Result<(), Rejection> {
    sqlx::query(GRANT).bind(event.player_id).execute(&mut *tx).await?;
    Ok(())
}

#[webhook("item.add")]
async fn in_postgres(mut tx: Tx<Postgres>, event: ItemAdd) -> Result<(), Rejection> {
    sqlx::query(GRANT).bind(event.player_id).execute(&mut *tx).await?;
    Ok(())
}

fn secret() -> Secret {
    Secret::new(SECRET).expect("a secret")
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("deliveries a second, by how many are under way at once{:>9}{:>9}{:>9}", 1, 16, 256);
    measure("no store", Webhooks::new(secret(), webhooks![leased])).await;
    measure("memory", Webhooks::new(secret(), webhooks![leased]).idempotency(MemoryStore::new())).await;

    let directory = tempfile::tempdir()?;
    let file = directory.path().join("game.db");
    let store = Arc::new(SqliteStore::open(&file).await?);
    SqliteConnection::connect(&file.display().to_string()).await?.execute(TABLE).await?;
    measure("SQLite, lease", Webhooks::new(secret(), webhooks![leased]).idempotency(store.clone())).await;
    measure("SQLite, transaction", Webhooks::new(secret(), webhooks![in_sqlite]).idempotency(store)).await;

    let Some(server) = postgres::server() else { return Ok(()) };
    let database = server.database().await;
    PgConnection::connect(database.url()).await?.execute(TABLE).await?;
    let pool = PgPoolOptions::new().max_connections(16).test_before_acquire(false).connect(database.url()).await?;
    let store = Arc::new(PostgresStore::options().pool(pool).await?);
    measure("PostgreSQL, lease", Webhooks::new(secret(), webhooks![leased]).idempotency(store.clone())).await;
    measure("PostgreSQL, transaction", Webhooks::new(secret(), webhooks![in_postgres]).idempotency(store)).await;
    Ok(())
}

async fn measure(name: &str, hooks: Webhooks) {
    let app = Router::new().route("/webhook", post(hooks.timeout(Duration::from_mins(1)))).with_state(());
    print!("{name:<54}");
    for concurrency in CONCURRENCY {
        print!("{:>9.0}", rate(&app, name, concurrency, Keys::Fresh).await);
        std::io::stdout().flush().expect("a screen");
    }
    println!();
    println!("{:<54}{:>27.0}", "  duplicates", rate(&app, name, CONCURRENCY[2], Keys::Same).await);
}

#[derive(Clone, Copy)]
enum Keys {
    Fresh,
    Same,
}

/// Deliveries a second.
async fn rate(app: &Router, name: &str, concurrency: usize, keys: Keys) -> f64 {
    let count = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let tasks: Vec<_> = (0..concurrency)
        .map(|task| {
            let (app, count, name) = (app.clone(), count.clone(), name.to_owned());
            tokio::spawn(async move {
                let mut i = 0;
                while started.elapsed() < TIME {
                    let key = match keys {
                        Keys::Fresh => format!("{name}-{concurrency}-{task}-{i}"),
                        Keys::Same => format!("{name}-same-{task}"),
                    };
                    let body = format!(
                        r#"{{"event_id":"whevt_1","event_type":"item.add","event_data":{{"player_id":"{}","items":[]}},"idempotency_key":"{key}"}}"#,
                        (17 * task + i) % 10_000
                    );
                    let answer = app.clone().oneshot(Delivery::new(body).request()).await.expect("infallible");
                    assert_eq!(answer.status(), 200);
                    count.fetch_add(1, Ordering::Relaxed);
                    i += 1;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic");
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let count = count.load(Ordering::Relaxed) as f64;
    count / started.elapsed().as_secs_f64()
}
