mod connections;
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
use connections::{acquire, begin};
use statements::{Found, Statements, Tried, is_reply_lost};
use transaction::{Lendable, PostgresTransaction};

/// Stores answers in a PostgreSQL database (13 or later), which many instances can share.
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
/// A handler with `Tx` costs four statements beside its own, each a round trip: `BEGIN`, an `INSERT` that claims the key,
/// an `UPDATE` that stores the answer, `COMMIT`.
///
/// Duplicates that arrive at one instance while the first is in flight wait without a connection. At another instance
/// they wait in their `INSERT` for the first one's commit, each with a connection. The wait ends with the endpoint's
/// [timeout](crate::Webhooks::timeout), on the server too: the transaction sets `lock_timeout`, `statement_timeout` and
/// `idle_in_transaction_session_timeout` for itself, from the time that the delivery has left.
///
/// # Connections
/// A handler with `Tx` holds one connection from the claim to the commit. A handler without `Tx` holds none while it runs.
/// To size the pool:
///
/// 1. **Connections in use** = deliveries a second × seconds that a delivery holds its connection. At 200 deliveries a
///    second and 25 ms each, that is 5.
/// 2. **Double it** for bursts, and add 2 for the store's own work. That is the pool's `max_connections`: 12 here.
/// 3. **All pools of all instances together** must fit into the server's `max_connections` (100 by default).
/// 4. **A handler with `Tx` must not take a second connection of the same pool.** If every connection belongs to a
///    handler that waits for a second one, none of them can go on. Give such handlers another pool.
///
/// [`connect`](Self::connect) makes a pool of ten. When all connections are in use, a delivery waits for nine tenths of
/// the time that it has left, and for the pool's `acquire_timeout` at most. Then it is answered 503 with `Retry-After`,
/// and a warning is logged with the fields `reason` (`pool_exhausted`, or `connect_timeout` if the pool could still grow
/// and the database accepted no connection), `pool_size`, `pool_idle`, `pool_max` and `waited_ms`.
///
/// TLS needs the feature `postgres-tls`.
///
/// # The schema
/// The schema of the tables is found when the store is opened, and every statement names it. So a handler may send its
/// own statements to another schema with `SET LOCAL search_path`.
///
/// # A lost reply
/// If the connection breaks after `COMMIT` was sent, nobody knows whether it happened. The store then looks for the
/// answer on another connection, within the delivery's time: if the answer is there, the delivery is acknowledged, and
/// if not, it is answered 503. An event without a key has nothing to look for: it is answered 503.
///
/// # Times
/// Times are the database server's clock, which may jump. No answer is removed before its retention ends because of that,
/// and no claim holds for longer than its lease after the jump. A jump ahead can end a lease early: a handler without
/// `Tx` that runs at that moment may then be run again by another instance.
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
    /// Sets the table's name: `aghanim_idempotency` unless set. A second table, of that name and `_meta`, has its version.
    #[must_use]
    pub fn table(mut self, name: impl Into<String>) -> Self {
        self.table = name.into();
        self
    }

    /// Sets the schema of the tables. It is created if it does not exist.
    ///
    /// Unless set, it is the schema that has the tables, or else the first one of the connection's `search_path`.
    #[must_use]
    pub fn schema(mut self, name: impl Into<String>) -> Self {
        self.schema = Some(name.into());
        self
    }

    /// Sets how long answers are kept at least: [`DEFAULT_RETENTION`] unless set. [`Duration::MAX`] means for ever.
    #[must_use]
    pub fn retention(mut self, retention: Duration) -> Self {
        self.retention = retention;
        self
    }

    /// Connects to `postgres://user:password@host/database` with up to ten connections, and creates or migrates the table.
    ///
    /// # Errors
    /// The database cannot be reached, a name is not allowed, the table was made by a newer version, or the table is
    /// missing and the user may not create it.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn connect(self, url: &str) -> Result<PostgresStore, StoreError> {
        let pool = PgPoolOptions::new()
            .acquire_timeout(Duration::from_secs(10))
            .test_before_acquire(false)
            // A connection that was used a moment ago is most likely alive, and a ping costs a round trip.
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

    /// Uses this pool, and creates or migrates the table.
    ///
    /// For the pool's size see [`PostgresStore`], and for transactions of your own on it the
    /// [module](super#transactions-of-your-own).
    ///
    /// # Errors
    /// See [`connect`](Self::connect).
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn pool(self, pool: PgPool) -> Result<PostgresStore, StoreError> {
        let Self { schema, table, retention } = self;
        let names = schema::migrate(&pool, schema.as_deref(), &table).await?;
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
    /// Connects, with a table of the default name.
    ///
    /// # Errors
    /// See [`PostgresOptions::connect`].
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::options().connect(url).await
    }

    /// Returns the settings for opening a store.
    #[must_use]
    pub fn options() -> PostgresOptions {
        PostgresOptions { schema: None, table: "aghanim_idempotency".to_owned(), retention: DEFAULT_RETENTION }
    }

    /// Removes up to 500 answers that are older than the retention, and returns their number.
    ///
    /// The store does this by itself once a minute. Of several instances, one does it at a time.
    ///
    /// # Errors
    /// The database fails.
    pub async fn prune(&self) -> Result<u64, StoreError> {
        self.sql.prune(&self.pool, self.retention).await
    }

    async fn claim_for_lease(&self, claim: &Claim) -> Result<Claimed, StoreError> {
        let mut connection = acquire(&self.pool, Some(claim.deadline)).await?;
        let found = match self.sql.claim(&mut connection, claim).await? {
            Tried::Mine => return Ok(Claimed::Mine(())),
            Tried::Contended => return Ok(Claimed::InFlight),
            Tried::Taken => self.sql.look(&mut connection, &claim.key).await?,
        };
        drop(connection);
        self.renewed(claim, found).await
    }

    async fn claim_in_transaction(&self, claim: &Claim) -> Result<Claimed<Box<dyn Transaction>>, StoreError> {
        let mut open = begin(&self.pool, Some(claim.deadline)).await?;
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

    /// Stores the answer of a lease. If the database's reply is lost, looks whether it is stored.
    async fn complete_or_look(&self, claim: &Claim, answer: &StoredAnswer) -> Result<bool, StoreError> {
        let mut connection = acquire(&self.pool, None).await?;
        let error = match self.sql.complete(&mut connection, claim, answer).await {
            Ok(completed) => return Ok(completed),
            Err(error) if is_reply_lost(&error) => error,
            Err(error) => return Err(error),
        };
        drop(connection);
        tracing::warn!(%error, "the reply to a stored answer was lost; looking whether it is stored");
        let mut connection = acquire(&self.pool, None).await?;
        // Changes nothing if the first try succeeded: the claim then has no owner any more.
        Ok(self.sql.complete(&mut connection, claim, answer).await?
            || self.sql.look(&mut connection, &claim.key).await?.is_answered_by(claim, answer))
    }

    async fn renewed<T>(&self, claim: &Claim, found: Found) -> Result<Claimed<T>, StoreError> {
        if matches!(found, Found::Held { ahead: true }) {
            let mut connection = acquire(&self.pool, Some(claim.deadline)).await?;
            self.sql.renew(&mut connection, &claim.key).await?;
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
        // Without the pool: its options show the address.
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
            let mut connection = acquire(&self.pool, None).await?;
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
        Box::pin(self.complete_or_look(claim, answer))
    }

    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async {
            let mut connection = acquire(&self.pool, None).await?;
            self.sql.release(&mut connection, claim).await
        })
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
        Box::pin(async { Ok(Box::new(Lendable::new(begin(&self.pool, None).await?)) as Box<dyn PlainTransaction>) })
    }
}
