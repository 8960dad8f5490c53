//! A store on a database of its own, opened twice, as two instances of a game would.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aghanim_hooks::idempotency::{
    Claim, Claimed, Fingerprint, IdempotencyStore, Key, MemoryStore, PlainTransaction, Postgres, PostgresStore, Sqlite,
    SqliteStore, StoredAnswer, Transaction, Tx,
};
use aghanim_hooks_tests::postgres::{self, Database};
use axum::extract::FromRequestParts;
use axum::http::Extensions;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, Executor as _, PgPool, SqlitePool};
use tempfile::TempDir;

pub(crate) struct Fixture {
    pub(crate) one: Arc<dyn IdempotencyStore>,
    pub(crate) other: Arc<dyn IdempotencyStore>,
    pub(crate) backend: Backend,
}

pub(crate) enum Backend {
    Memory,
    Sqlite { pool: SqlitePool, directory: TempDir },
    Postgres { pool: PgPool, database: Box<Database> },
}

pub(crate) async fn memory() -> Option<Fixture> {
    let store = Arc::new(MemoryStore::new());
    Some(Fixture { one: store.clone(), other: store, backend: Backend::Memory })
}

pub(crate) async fn sqlite() -> Option<Fixture> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("game.db");
    let (one, other) = tokio::join!(SqliteStore::open(&path), SqliteStore::open(&path));
    let options = SqliteConnectOptions::new().filename(&path).busy_timeout(Duration::from_secs(5));
    let pool = SqlitePoolOptions::new().max_connections(2).connect_with(options).await.unwrap();
    pool.execute("CREATE TABLE effects (what TEXT NOT NULL)").await.unwrap();
    let backend = Backend::Sqlite { pool, directory };
    Some(Fixture { one: Arc::new(one.unwrap()), other: Arc::new(other.unwrap()), backend })
}

pub(crate) async fn postgres() -> Option<Fixture> {
    let database = Box::new(postgres::server()?.database().await);
    let (one, other) = tokio::join!(PostgresStore::connect(database.url()), PostgresStore::connect(database.url()));
    let pool = PgPoolOptions::new().max_connections(2).connect(database.url()).await.unwrap();
    pool.execute("CREATE TABLE effects (what TEXT NOT NULL)").await.unwrap();
    let backend = Backend::Postgres { pool, database };
    Some(Fixture { one: Arc::new(one.unwrap()), other: Arc::new(other.unwrap()), backend })
}

impl Fixture {
    /// Runs a statement beside the store.
    pub(crate) async fn execute(&self, sql: &str) -> u64 {
        match &self.backend {
            Backend::Memory => panic!("there is no database"),
            Backend::Sqlite { pool, .. } => pool.execute(AssertSqlSafe(sql)).await.unwrap().rows_affected(),
            Backend::Postgres { pool, .. } => pool.execute(AssertSqlSafe(sql)).await.unwrap().rows_affected(),
        }
    }

    /// A number that a query gives, beside the store.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql);
        match &self.backend {
            Backend::Memory => panic!("there is no database"),
            Backend::Sqlite { pool, .. } => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
            Backend::Postgres { pool, .. } => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
        }
    }

    /// How often something took effect, as everybody sees it.
    pub(crate) async fn effects(&self) -> i64 {
        self.number("SELECT count(*) FROM effects").await
    }

    /// Begins a transaction, which must get the key.
    pub(crate) async fn begin(&self, claim: &Claim) -> Box<dyn Transaction> {
        match self.one.begin(claim).await.unwrap() {
            Claimed::Mine(transaction) => transaction,
            Claimed::Answered(record) => panic!("answered: {record:?}"),
            Claimed::InFlight => panic!("in flight"),
        }
    }

    /// The transaction that a handler's parameter gets.
    pub(crate) async fn lent(&self, transaction: &mut dyn Transaction) -> Lent {
        self.lent_by(|extensions| transaction.lend(extensions)).await
    }

    pub(crate) async fn lent_by(&self, lend: impl FnOnce(&mut Extensions)) -> Lent {
        let (mut parts, ()) = axum::http::Request::new(()).into_parts();
        lend(&mut parts.extensions);
        match &self.backend {
            Backend::Memory => panic!("there are no transactions"),
            Backend::Sqlite { .. } => Lent::Sqlite(Tx::from_request_parts(&mut parts, &()).await.unwrap()),
            Backend::Postgres { .. } => Lent::Postgres(Tx::from_request_parts(&mut parts, &()).await.unwrap()),
        }
    }

    /// Writes an effect as a handler would.
    pub(crate) async fn write(&self, transaction: &mut dyn Transaction) {
        self.lent(transaction).await.execute("INSERT INTO effects VALUES ('granted')").await.unwrap();
    }

    /// Runs a statement as the handler of an event without a key would.
    pub(crate) async fn execute_plain(&self, transaction: &mut dyn PlainTransaction, sql: &str) -> sqlx::Result<()> {
        self.lent_by(|extensions| transaction.lend(extensions)).await.execute(sql).await
    }
}

pub(crate) enum Lent {
    Sqlite(Tx<Sqlite>),
    Postgres(Tx<Postgres>),
}

impl Lent {
    pub(crate) async fn execute(&mut self, sql: &str) -> sqlx::Result<()> {
        let sql = AssertSqlSafe(sql);
        match self {
            Self::Sqlite(tx) => tx.execute(sql).await.map(drop),
            Self::Postgres(tx) => tx.execute(sql).await.map(drop),
        }
    }

    /// Runs a statement in a transaction inside the transaction.
    pub(crate) async fn execute_nested(&mut self, sql: &str, commit: bool) {
        use sqlx::Connection as _;
        let sql = AssertSqlSafe(sql);
        match self {
            Self::Sqlite(tx) => {
                let mut inner = tx.begin().await.unwrap();
                inner.execute(sql).await.unwrap();
                if commit {
                    inner.commit().await.unwrap();
                }
            }
            Self::Postgres(tx) => {
                let mut inner = tx.begin().await.unwrap();
                inner.execute(sql).await.unwrap();
                if commit {
                    inner.commit().await.unwrap();
                }
            }
        }
    }
}

/// The lease of [`brief_claim`]. Long enough that a busy machine reads the claim before it lapses.
pub(crate) const BRIEF_LEASE: Duration = Duration::from_secs(1);

/// A claim whose lease lapses within a test.
pub(crate) fn brief_claim(name: &str) -> Claim {
    let mut claim = claim(name);
    claim.lease = BRIEF_LEASE;
    claim
}

/// Another attempt at the key of this name. Its lease does not lapse within a test.
pub(crate) fn claim(name: &str) -> Claim {
    claim_of(Key::new("gm_1", false, "item.add", name))
}

pub(crate) fn claim_of(key: Key) -> Claim {
    Claim::new(key, Fingerprint::new(b"{}"), Duration::from_mins(5), Instant::now() + Duration::from_secs(30))
}

pub(crate) fn answer(body: &str) -> StoredAnswer {
    StoredAnswer::new(200, b"application/json", body.to_owned()).unwrap()
}

/// How a claim or a beginning ended, without what was begun.
pub(crate) fn outcome<T>(claimed: Claimed<T>) -> Claimed {
    claimed.map(drop)
}
