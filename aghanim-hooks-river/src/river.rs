use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aghanim_hooks::idempotency::{BoxFuture, StoreError};
use aghanim_hooks::later::{Depth, Engine, Job, Jobs, Running};
use riverqueue::{Client, InsertOpts};
use serde_json::json;
use sqlx::{Pool, Transaction};

use crate::args::Args;
use crate::backend::Backend;
use crate::backoff::Backoff;
use crate::error::failed;
use crate::worker;

/// Deferred work on River: the engine for [`Webhooks::later`](aghanim_hooks::Webhooks::later).
///
/// ```no_run
/// use std::time::Duration;
///
/// use aghanim_hooks_river::River;
/// use sqlx::PgPool;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let pool = PgPool::connect("postgres://game@localhost/game").await?;
/// let river = River::new(pool)
///     .attempts(8)
///     .timeout(Duration::from_secs(10))
///     .workers(16)
///     .migrate()
///     .await?;
/// # Ok(())
/// # }
/// ```
///
/// | Setting | Default | River's own |
/// |---|---|---|
/// | [`attempts`](Self::attempts) | 12, over about two and a half hours | 25, over about three weeks |
/// | [`timeout`](Self::timeout) of an attempt | 30 s | none |
/// | [`backoff`](Self::backoff) | 5 s, doubled, up to 1 h, with 20 % of jitter | the fourth power of the attempt |
/// | [`rescue_after`](Self::rescue_after) a worker died | 60 s | 1 h |
/// | [`keep_completed`](Self::keep_completed) | 7 days | 24 h |
/// | dead letters | kept until they are dropped | 7 days |
///
/// Clones share one client.
pub struct River<Db: Backend> {
    pub(crate) pool: Pool<Db>,
    pub(crate) settings: Settings,
    /// Inserts jobs, and looks at them. It works none.
    client: Arc<OnceLock<Client>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) schema: Option<String>,
    pub(crate) attempts: u32,
    pub(crate) timeout: Duration,
    pub(crate) backoff: Backoff,
    pub(crate) queue: String,
    pub(crate) workers: usize,
    pub(crate) rescue_after: Duration,
    pub(crate) keep_completed: Duration,
    pub(crate) poll: Duration,
}

impl<Db: Backend> River<Db> {
    /// River on this pool, with the default settings. The pool must be on the database of the endpoint's store.
    ///
    /// On SQLite, open the file in WAL mode and with a `busy_timeout` of some seconds.
    #[must_use]
    pub fn new(pool: Pool<Db>) -> Self {
        let settings = Settings {
            schema: Db::SCHEMA.map(str::to_owned),
            attempts: 12,
            timeout: Duration::from_secs(30),
            backoff: Backoff::default(),
            queue: "default".to_owned(),
            workers: 10,
            rescue_after: Duration::from_mins(1),
            keep_completed: Duration::from_hours(7 * 24),
            poll: Duration::from_secs(1),
        };
        Self { pool, settings, client: Arc::default() }
    }

    /// The PostgreSQL schema of River's tables: `aghanim_later` unless set.
    ///
    /// A game's own River needs another one: see [the crate](crate).
    #[must_use]
    pub fn schema(self, name: impl Into<String>) -> Self {
        self.with(|settings| settings.schema = Some(name.into()))
    }

    /// The number of attempts before a job becomes a dead letter: 12 unless set here, on the endpoint or in the
    /// attribute. At least 1.
    #[must_use]
    pub fn attempts(self, attempts: u32) -> Self {
        self.with(|settings| settings.attempts = attempts.max(1))
    }

    /// The time that an attempt may take: 30 seconds unless set here, on the endpoint or in the attribute.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        self.with(|settings| settings.timeout = timeout)
    }

    /// The pauses between attempts.
    #[must_use]
    pub fn backoff(self, backoff: Backoff) -> Self {
        self.with(|settings| settings.backoff = backoff)
    }

    /// Sets the queue of handlers whose attribute and endpoint name none: `default` unless set.
    #[must_use]
    pub fn queue(self, name: impl Into<String>) -> Self {
        self.with(|settings| settings.queue = name.into())
    }

    /// The number of jobs that a worker runs at the same time, per queue: 10 unless set.
    ///
    /// It is the limit of a worker with short jobs: 10 make about 45 jobs a second, 100 about 400. See
    /// [the measurements](crate#throughput).
    #[must_use]
    pub fn workers(self, workers: usize) -> Self {
        self.with(|settings| settings.workers = workers)
    }

    /// The time after which the job of a worker that died is given to another: 60 seconds unless set.
    ///
    /// An attempt is not rescued before its timeout and a sixth of it have passed: a shorter time is raised to that. The
    /// leader among the workers looks several times within this time. If it was the leader that died, another worker
    /// becomes leader within 15 seconds.
    #[must_use]
    pub fn rescue_after(self, time: Duration) -> Self {
        self.with(|settings| settings.rescue_after = time)
    }

    /// The time for which completed jobs are kept, for [`replay`](Self::replay): 7 days unless set.
    #[must_use]
    pub fn keep_completed(self, time: Duration) -> Self {
        self.with(|settings| settings.keep_completed = time)
    }

    /// The longest time after which a worker looks for jobs, even if it was not notified: 1 second unless set.
    #[must_use]
    pub fn poll(self, every: Duration) -> Self {
        self.with(|settings| settings.poll = every)
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self.client = Arc::default();
        self
    }

    /// Creates River's tables, or brings them to this version. Several instances may call it at the same time.
    ///
    /// On PostgreSQL the user needs the right to create the schema, unless it exists.
    ///
    /// # Errors
    /// Fails if the database can't be reached or changed.
    pub async fn migrate(self) -> Result<Self, StoreError> {
        Db::migrate(&self.pool, self.schema_name()).await?;
        Ok(self)
    }

    /// The pool that was given to [`new`](Self::new).
    #[must_use]
    pub fn pool(&self) -> &Pool<Db> {
        &self.pool
    }

    pub(crate) fn schema_name(&self) -> Option<&str> {
        self.settings.schema.as_deref()
    }

    /// The client that inserts jobs and looks at them.
    pub(crate) fn client(&self) -> Result<&Client, StoreError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = Db::client(&self.pool, self.schema_name())?.build().map_err(failed)?;
        Ok(self.client.get_or_init(|| client))
    }

    pub(crate) fn options(&self, queue: Option<&str>, attempts: Option<u32>) -> InsertOpts {
        let attempts = attempts.unwrap_or(self.settings.attempts).max(1);
        InsertOpts::default()
            .with_queue(queue.unwrap_or(&self.settings.queue))
            // River's column is a `smallint`.
            .with_max_attempts(i32::from(i16::try_from(attempts).unwrap_or(i16::MAX)))
    }
}

#[cfg(feature = "sqlite")]
impl River<sqlx::Sqlite> {
    /// Opens the SQLite file of the endpoint's store, creates it if it is missing, and [migrates](Self::migrate) it.
    ///
    /// Its connections are in WAL mode, sync each commit to the disk, and wait up to 10 seconds for another writer.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use aghanim_hooks_river::River;
    ///
    /// let river = River::open("game.db").await?.attempts(8);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Fails if the file can't be opened or written.
    pub async fn open(path: impl AsRef<std::path::Path>) -> Result<Self, StoreError> {
        use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await.map_err(StoreError::new)?;
        Self::new(pool).migrate().await
    }
}

impl<Db: Backend> Engine<Db> for River<Db> {
    fn enqueue<'a>(&'a self, tx: &'a mut Transaction<'_, Db>, job: &'a Job) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let options = self
                .options(job.policy.queue, job.policy.attempts)
                .with_metadata(metadata(&job.event_type, job.event_id.as_deref()));
            Db::insert(self.client()?, tx, Args::of(job), options).await.map(drop).map_err(failed)
        })
    }

    fn advance<'a>(
        &'a self,
        tx: &'a mut Transaction<'_, Db>,
        entity: &'a str,
        time: i64,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(Db::advance(tx, self.schema_name(), entity, time))
    }

    fn depth(&self) -> BoxFuture<'_, Result<Depth, StoreError>> {
        Box::pin(self.depth())
    }

    fn start(&self, jobs: Jobs<Db>) -> BoxFuture<'_, Result<Box<dyn Running>, StoreError>> {
        Box::pin(worker::start(self, jobs))
    }
}

/// The metadata by which a job can be found in River's UI.
pub(crate) fn metadata(event_type: &str, event_id: Option<&str>) -> serde_json::Map<String, serde_json::Value> {
    let mut metadata = serde_json::Map::new();
    metadata.insert("event_type".to_owned(), json!(event_type));
    if let Some(id) = event_id {
        metadata.insert("event_id".to_owned(), json!(id));
    }
    metadata
}

// Not derived: that would require `Db: Clone`, and `Db` itself is never cloned.
impl<Db: Backend> Clone for River<Db> {
    fn clone(&self) -> Self {
        Self { pool: self.pool.clone(), settings: self.settings.clone(), client: Arc::clone(&self.client) }
    }
}

impl<Db: Backend> fmt::Debug for River<Db> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("River").field("database", &Db::NAME).field("settings", &self.settings).finish_non_exhaustive()
    }
}
