mod begin;
mod schema;
mod statements;
mod transaction;

use std::fmt;
use std::time::Duration;

use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection as _, Database as _, PgPool, Postgres};
use tokio::task::JoinHandle;

use super::housekeeping::prune_for_ever;
use super::{
    BoxFuture, Claim, Claimed, Connections, DEFAULT_RETENTION, IdempotencyStore, Key, PlainTransaction, Record,
};
use super::{StoreError, StoredAnswer, Transaction};
use begin::begin;
use statements::{Found, Names, Statements, Tried};
use transaction::{Lendable, PostgresTransaction};

/// Keeps answers in a PostgreSQL database (13 or later), which many instances can share.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use aghanim_hooks::events::ItemAdd;
/// use aghanim_hooks::idempotency::{Postgres, PostgresStore, Tx};
/// use aghanim_hooks::{Rejection, Secret, Webhooks, webhook, webhooks};
///
/// #[webhook("item.add")]
/// async fn grant(mut tx: Tx<Postgres>, event: ItemAdd) -> Result<(), Rejection> {
///     for item in &event.items {
///         sqlx::query("INSERT INTO grants (player_id, sku, quantity) VALUES ($1, $2, $3)")
///             .bind(&event.player_id)
///             .bind(&item.sku)
///             .bind(item.quantity)
///             .execute(&mut *tx)
///             .await?;
///     }
///     Ok(())
/// }
///
/// let store = PostgresStore::connect("postgres://game@localhost/game").await?;
/// let secret = Secret::from_env("AGHANIM_WEBHOOK_SECRET")?;
/// let hooks: Webhooks = Webhooks::new(secret, webhooks![grant]).idempotency(store);
/// # Ok(())
/// # }
/// ```
///
/// # What a delivery costs
/// In a transaction four statements beside the handler's own, each a round trip: `BEGIN`, an `INSERT` that claims the
/// key, an `UPDATE` that keeps the answer, `COMMIT`. Duplicates that arrive at one instance while the first is on its
/// way wait without a connection. At another instance they wait in their `INSERT` for the first one's commit, each on a
/// connection, until the endpoint's [timeout](crate::Webhooks::timeout) at the latest: on the server too, since the
/// transaction sets `lock_timeout`, `statement_timeout` and `idle_in_transaction_session_timeout` for itself, from the
/// time that the delivery has left. An exhausted pool is a retryable 503. (sqlx checks a connection once more as it goes
/// back to the pool; nobody waits for that.)
///
/// # Connections
/// TLS needs the feature `postgres-tls`. The pool should hold more connections than handlers that run at once.
///
/// # Times
/// Times are the database server's clock, which may jump. No answer is forgotten before its time by that, and no claim stands
/// for longer than its lease after it. A jump ahead can end a lease early: a handler without `Tx` that runs at that moment
/// may then be run again by another instance.
pub struct PostgresStore {
    pool: PgPool,
    sql: Statements,
    table: String,
    retention: Duration,
    pruner: JoinHandle<()>,
}

/// How to open a [`PostgresStore`].
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    schema: Option<String>,
    table: String,
    retention: Duration,
}

impl PostgresOptions {
    /// The table's name: `aghanim_idempotency` unless set. A second one, with `_meta` behind it, holds its version.
    #[must_use]
    pub fn table(mut self, name: impl Into<String>) -> Self {
        self.table = name.into();
        self
    }

    /// The schema of the tables, which is made if it isn't there: the connection's own (`search_path`) unless set.
    #[must_use]
    pub fn schema(mut self, name: impl Into<String>) -> Self {
        self.schema = Some(name.into());
        self
    }

    /// How long answers are kept at least: [`DEFAULT_RETENTION`] unless set; [`Duration::MAX`] is for ever.
    #[must_use]
    pub fn retention(mut self, retention: Duration) -> Self {
        self.retention = retention;
        self
    }

    /// Connects to `postgres://user:password@host/database`, with up to ten connections, and brings the table to this
    /// version.
    ///
    /// # Errors
    /// When the database can't be reached, a name is none, the table is of a newer version, or it is not there and the
    /// user may not make it.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn connect(self, url: &str) -> Result<PostgresStore, StoreError> {
        let pool = PgPoolOptions::new()
            .acquire_timeout(Duration::from_secs(10))
            .test_before_acquire(false)
            // A connection that was used a moment ago is most likely sound, and asking costs a round trip.
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for > Duration::from_secs(1) {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect(url)
            .await
            .map_err(|error| StoreError::new(format!("can't connect to PostgreSQL: {error}")))?;
        self.pool(pool).await
    }

    /// Uses this pool, and brings the table to this version.
    ///
    /// # Errors
    /// See [`connect`](Self::connect).
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn pool(self, pool: PgPool) -> Result<PostgresStore, StoreError> {
        let Self { schema, table, retention } = self;
        let names = Names::new(schema, &table)?;
        schema::migrate(&pool, &names).await?;
        let sql = Statements::new(&names);
        let pruned = (pool.clone(), sql.clone());
        let pruner = tokio::spawn(prune_for_ever(move || {
            let (pool, sql) = pruned.clone();
            async move { Some(sql.prune(&pool, retention).await) }
        }));
        Ok(PostgresStore { pool, sql, table: names.table, retention, pruner })
    }
}

impl PostgresStore {
    /// Connects with a table of the usual name.
    ///
    /// # Errors
    /// See [`PostgresOptions::connect`].
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::options().connect(url).await
    }

    /// Settings for opening a store.
    #[must_use]
    pub fn options() -> PostgresOptions {
        PostgresOptions { schema: None, table: "aghanim_idempotency".to_owned(), retention: DEFAULT_RETENTION }
    }

    /// Forgets up to 500 answers that are older than the retention, and says how many.
    ///
    /// The store does this by itself, once a minute; among several instances one does at a time.
    ///
    /// # Errors
    /// When the database can't.
    pub async fn prune(&self) -> Result<u64, StoreError> {
        self.sql.prune(&self.pool, self.retention).await
    }

    async fn claim_for_lease(&self, claim: &Claim) -> Result<Claimed, StoreError> {
        let mut connection = self.pool.acquire().await.map_err(StoreError::new)?;
        let found = match self.sql.claim(&mut connection, claim).await? {
            Tried::Mine => return Ok(Claimed::Mine(())),
            Tried::Contended => return Ok(Claimed::InFlight),
            Tried::Taken => self.sql.look(&mut connection, &claim.key).await?,
        };
        drop(connection);
        self.renewed(claim, found).await
    }

    async fn claim_in_transaction(&self, claim: &Claim) -> Result<Claimed<Box<dyn Transaction>>, StoreError> {
        let mut open = begin(&self.pool).await?;
        let found = match self.sql.claim(&mut open, claim).await? {
            Tried::Mine => {
                let (pool, sql, claim) = (self.pool.clone(), self.sql.clone(), claim.clone());
                let open = Lendable::new(open);
                return Ok(Claimed::Mine(Box::new(PostgresTransaction { pool, sql, claim, open })));
            }
            Tried::Contended => return Ok(Claimed::InFlight),
            Tried::Taken => self.sql.look(&mut open, &claim.key).await?,
        };
        open.rollback().await.map_err(StoreError::new)?;
        self.renewed(claim, found).await
    }

    async fn renewed<T>(&self, claim: &Claim, found: Found) -> Result<Claimed<T>, StoreError> {
        if matches!(found, Found::Held { ahead: true }) {
            self.sql.renew(&self.pool, &claim.key).await?;
        }
        Ok(found.claimed())
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        self.pruner.abort();
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The pool's options would show the address, and not the password; neither belongs here.
        f.debug_struct("PostgresStore")
            .field("table", &self.table)
            .field("retention", &self.retention)
            .finish_non_exhaustive()
    }
}

impl IdempotencyStore for PostgresStore {
    fn retention(&self) -> Duration {
        self.retention
    }

    fn lookup<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Record>, StoreError>> {
        Box::pin(async {
            let mut connection = self.pool.acquire().await.map_err(StoreError::new)?;
            Ok(match self.sql.look(&mut connection, key).await? {
                Found::Answered(record) => Some(record),
                Found::Nothing | Found::Held { .. } => None,
            })
        })
    }

    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, StoreError>> {
        Box::pin(self.claim_for_lease(claim))
    }

    fn complete<'a>(&'a self, claim: &'a Claim, answer: &'a StoredAnswer) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async {
            let mut connection = self.pool.acquire().await.map_err(StoreError::new)?;
            self.sql.complete(&mut connection, claim, answer).await
        })
    }

    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.sql.release(&self.pool, claim))
    }

    fn transactions(&self) -> Option<&'static str> {
        Some(Postgres::NAME)
    }

    fn connections(&self) -> Option<Connections> {
        let idle = u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX);
        let most = self.pool.options().get_max_connections();
        Some(Connections { busy: self.pool.size().saturating_sub(idle), idle, most })
    }

    fn begin<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed<Box<dyn Transaction>>, StoreError>> {
        Box::pin(self.claim_in_transaction(claim))
    }

    fn open(&self) -> BoxFuture<'_, Result<Box<dyn PlainTransaction>, StoreError>> {
        Box::pin(async { Ok(Box::new(Lendable::new(begin(&self.pool).await?)) as Box<dyn PlainTransaction>) })
    }
}
