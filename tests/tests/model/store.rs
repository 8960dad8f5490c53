//! The stores under test, and what happens to their databases from outside.

use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aghanim_hooks::idempotency::{
    self, IdempotencyStore, MemoryStore, PostgresStore, SqliteStore, StoreError, Transaction, Tx,
};
use aghanim_hooks_tests::outside::Outside;
use aghanim_hooks_tests::postgres;
use axum::extract::FromRequestParts as _;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, Executor as _, PgPool, SqlitePool};
use tempfile::TempDir;

use super::sequence::Kind;

/// A store of each kind, with a way into its database.
pub(crate) enum Store {
    Memory(MemoryStore),
    Sqlite { store: SqliteStore, pool: SqlitePool, outside: Outside, _directory: TempDir },
    Postgres { store: PostgresStore, table: String, outside: Outside, pool: PgPool, _database: Rc<postgres::Database> },
}

thread_local! {
    /// The database that the sequences of one test share, one after the other.
    static SHARED: RefCell<Weak<postgres::Database>> = const { RefCell::new(Weak::new()) };
}

/// The database that the sequences of this thread share while one of them uses it. Each sequence has its own tables.
pub(crate) async fn database() -> Rc<postgres::Database> {
    let there = SHARED.with_borrow(Weak::upgrade);
    if let Some(database) = there {
        return database;
    }
    let database = Rc::new(postgres::server().expect("a server").database().await);
    SHARED.with_borrow_mut(|shared| *shared = Rc::downgrade(&database));
    database
}

impl Store {
    pub(crate) async fn new(kind: Kind) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        match kind {
            Kind::Memory => Self::Memory(MemoryStore::new()),
            Kind::Sqlite => {
                let directory = TempDir::new().unwrap();
                let path = directory.path().join("game.db");
                let store = SqliteStore::open(&path).await.unwrap();
                let options = SqliteConnectOptions::new().filename(&path).busy_timeout(Duration::from_secs(5));
                let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
                pool.execute("CREATE TABLE effects (what INTEGER NOT NULL)").await.unwrap();
                let outside = Outside::sqlite(&path).await;
                Self::Sqlite { store, pool, outside, _directory: directory }
            }
            Kind::Postgres => {
                let database = database().await;
                let under_test = PgPoolOptions::new().max_connections(2).connect(database.url()).await.unwrap();
                let pool = PgPoolOptions::new().max_connections(1).connect(database.url()).await.unwrap();
                let table = format!("keys_{}", COUNT.fetch_add(1, Ordering::Relaxed));
                let effects = format!("CREATE TABLE {table}_effects (what INTEGER NOT NULL)");
                pool.execute(AssertSqlSafe(effects)).await.unwrap();
                let store = PostgresStore::options().table(&table).pool(under_test.clone()).await.unwrap();
                let outside = Outside::postgres(database.url(), &under_test).await;
                Self::Postgres { store, table, outside, pool, _database: database }
            }
        }
    }

    pub(crate) fn get(&self) -> &dyn IdempotencyStore {
        match self {
            Self::Memory(store) => store,
            Self::Sqlite { store, .. } => store,
            Self::Postgres { store, .. } => store,
        }
    }

    pub(crate) async fn prune(&self) -> Result<u64, StoreError> {
        match self {
            Self::Memory(_) => Ok(0),
            Self::Sqlite { store, .. } => store.prune().await,
            Self::Postgres { store, .. } => store.prune().await,
        }
    }

    /// Waits until nothing is under way any more.
    pub(crate) async fn settle(&self) {
        let outside = match self {
            Self::Memory(_) => return,
            Self::Sqlite { store, outside, .. } => {
                // The store's writer does one thing after the other: this comes last.
                store.prune().await.unwrap();
                outside
            }
            Self::Postgres { outside, .. } => outside,
        };
        outside.nothing_open().await.unwrap_or_else(|open| panic!("{open}"));
    }

    /// The number of effects of a key, where there is a database.
    pub(crate) async fn effects(&self, key: u8) -> Option<i64> {
        let count = |table: &str| AssertSqlSafe(format!("SELECT count(*) FROM {table} WHERE what = {key}"));
        let counted = match self {
            Self::Memory(_) => return None,
            Self::Sqlite { pool, .. } => sqlx::query_scalar(count("effects")).fetch_one(pool).await,
            Self::Postgres { pool, table, .. } => {
                sqlx::query_scalar(count(&format!("{table}_effects"))).fetch_one(pool).await
            }
        };
        Some(counted.expect("a database that answers"))
    }

    /// Writes an effect as a handler does, which then gives its `Tx` back. False if it got none: there is one in a turn.
    pub(crate) async fn write(&self, transaction: &mut dyn Transaction, key: u8) -> sqlx::Result<bool> {
        let insert = |table: &str| AssertSqlSafe(format!("INSERT INTO {table} VALUES ({key})"));
        let (mut parts, ()) = axum::http::Request::new(()).into_parts();
        transaction.lend(&mut parts.extensions);
        match self {
            Self::Memory(_) => unreachable!("there are no transactions in memory"),
            Self::Sqlite { .. } => {
                let Ok(mut tx) = Tx::<idempotency::Sqlite>::from_request_parts(&mut parts, &()).await else {
                    return Ok(false);
                };
                tx.execute(insert("effects")).await.map(|_| true)
            }
            Self::Postgres { table, .. } => {
                let Ok(mut tx) = Tx::<idempotency::Postgres>::from_request_parts(&mut parts, &()).await else {
                    return Ok(false);
                };
                tx.execute(insert(&format!("{table}_effects"))).await.map(|_| true)
            }
        }
    }

    /// Lets the database's clock jump: seen from there, every time that is stored moves the other way.
    pub(crate) async fn jump(&self, minutes: i64) {
        let ms = minutes * 60_000;
        match self {
            Self::Memory(_) => {}
            Self::Sqlite { pool, .. } => {
                let shift = format!(
                    "BEGIN IMMEDIATE;
                     UPDATE aghanim_idempotency SET touched_at = touched_at - {ms}, lease_until = lease_until - {ms};
                     UPDATE aghanim_idempotency_meta SET clock_seen = clock_seen - {ms}, hold_until = hold_until - {ms};
                     COMMIT"
                );
                pool.execute(AssertSqlSafe(shift)).await.unwrap();
            }
            Self::Postgres { pool, table, .. } => {
                let shift = format!(
                    "UPDATE {table} SET touched_at = touched_at - {ms} * interval '1 ms', \
                     lease_until = lease_until - {ms} * interval '1 ms';
                     UPDATE {table}_meta SET clock_seen = clock_seen - {ms}, hold_until = hold_until - {ms}"
                );
                pool.execute(AssertSqlSafe(shift)).await.unwrap();
            }
        }
    }

    pub(crate) async fn lose_connections(&self) {
        if let Self::Postgres { pool, .. } = self {
            const LOSE: &str = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
                                WHERE datname = current_database() AND pid <> pg_backend_pid() \
                                AND query NOT LIKE '%pg_locks%'";
            pool.execute(LOSE).await.unwrap();
        }
    }
}
