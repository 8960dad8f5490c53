//! Keyed deliveries a second, in process, on each store: signature, claim, the handler's write, answer and commit.
//!
//! ```sh
//! cargo run --release -p aghanim-hooks-benches --features stores --bin stores
//! ```
//!
//! PostgreSQL is the server in `AGHANIM_TEST_POSTGRES`, or a private one with default settings.

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aghanim_hooks::idempotency::{MemoryStore, PostgresStore, SqliteStore};
use aghanim_hooks_benches::keyed::{self, INVENTORY, rate};
use aghanim_hooks_tests::postgres;
use axum::Router;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};

/// Deliveries under way at once: as many as connections of PostgreSQL's pool, and many more.
const CONCURRENCY: [usize; 3] = [1, 16, 256];
const TIME: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("deliveries a second, by how many are under way at once{:>9}{:>9}{:>9}", 1, 16, 256);
    measure("no store", &keyed::without_store()).await;
    measure("memory", &keyed::leased(MemoryStore::new())).await;

    let directory = tempfile::tempdir()?;
    let file = directory.path().join("game.db");
    let store = Arc::new(SqliteStore::open(&file).await?);
    SqliteConnection::connect(&file.display().to_string()).await?.execute(INVENTORY).await?;
    measure("SQLite, lease", &keyed::leased(store.clone())).await;
    measure("SQLite, transaction", &keyed::in_sqlite(store)).await;

    let Some(server) = postgres::server() else { return Ok(()) };
    let database = server.database().await;
    PgConnection::connect(database.url()).await?.execute(INVENTORY).await?;
    let pool = PgPoolOptions::new().max_connections(16).test_before_acquire(false).connect(database.url()).await?;
    let store = Arc::new(PostgresStore::options().pool(pool).await?);
    measure("PostgreSQL, lease", &keyed::leased(store.clone())).await;
    measure("PostgreSQL, transaction", &keyed::in_postgres(store)).await;
    Ok(())
}

async fn measure(name: &'static str, app: &Router) {
    print!("{name:<54}");
    for concurrency in CONCURRENCY {
        let until = Instant::now() + TIME;
        let fresh = move |n| (Instant::now() < until).then(|| format!("{name}-{concurrency}-{n}"));
        print!("{:>9.0}", rate(app, concurrency, fresh).await);
        std::io::stdout().flush().expect("a screen");
    }
    println!();
    let until = Instant::now() + TIME;
    let same = move |n| (Instant::now() < until).then(|| format!("{name}-same-{}", n % CONCURRENCY[2]));
    println!("{:<54}{:>27.0}", "  duplicates", rate(app, CONCURRENCY[2], same).await);
}
