mod batch;
mod connections;
mod file;
mod job;
mod reply;
mod schema;
mod slow;
mod statements;
mod turn;
mod writer;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::{Database as _, Sqlite, SqlitePool};
use tokio::sync::{mpsc, oneshot};

use super::housekeeping::{check_name, prune_for_ever};
use super::{BoxFuture, Claim, Claimed, DEFAULT_RETENTION, IdempotencyStore, Key, PlainTransaction, Record};
use super::{StoreError, StoredAnswer, Transaction};
use connections::Gate;
use file::DatabaseFile;
use job::Job;
use reply::{Reply, lost};
use statements::Statements;
use writer::Writer;

/// The length of the writer's queue. Jobs that find it full wait for a place.
const QUEUE: usize = 1024;

/// After this wait for the writer, a reading connection looks for the answer.
const PATIENCE: Duration = Duration::from_millis(100);

/// Stores answers in a SQLite file, which may have the game's own tables too.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use aghanim_hooks::events::ItemAdd;
/// use aghanim_hooks::idempotency::{Sqlite, SqliteStore, Tx};
/// use aghanim_hooks::{Rejection, Secret, Webhooks, webhook, webhooks};
///
/// #[webhook("item.add")]
/// async fn grant(mut tx: Tx<Sqlite>, event: ItemAdd) -> Result<(), Rejection> {
///     for item in &event.items {
///         sqlx::query("INSERT INTO grants (player_id, sku, quantity) VALUES (?1, ?2, ?3)")
///             .bind(&event.player_id)
///             .bind(&item.sku)
///             .bind(item.quantity)
///             .execute(&mut *tx)
///             .await?;
///     }
///     Ok(())
/// }
///
/// let store = SqliteStore::open("game.db").await?;
/// let secret = Secret::from_env("AGHANIM_WEBHOOK_SECRET")?;
/// let hooks: Webhooks = Webhooks::new(secret, webhooks![grant]).idempotency(store);
/// # Ok(())
/// # }
/// ```
///
/// # Durability and speed
/// The file is in WAL mode with `synchronous = FULL`, so an acknowledged answer survives a loss of power. (`NORMAL` would
/// let a loss of power undo the last commits, so it cannot be chosen.) Deliveries that wait while another one writes share
/// the next commit, and with it the disk's sync. Each has its own savepoint, so one that fails does not fail the others.
///
/// SQLite has one writer: **a handler with `Tx` makes all others wait until it returns**. It should write and do nothing
/// else. A violated constraint that is deferred to the commit fails all deliveries of that commit; they are retried.
///
/// A commit's outcome is always known: SQLite runs in this process, so no reply can get lost on the way.
///
/// # Other connections
/// The game, and other processes of the same machine, may open the file too. While one of them writes, this store waits
/// for five seconds at most; give theirs a `busy_timeout` as well. The file must not be on a network file system.
///
/// # A file that is deleted, replaced or damaged
/// SQLite does not notice any of these, and goes on; what it then acknowledges is lost with the next start. So the store
/// looks at the file's identity before and after each commit, and at that of its `-wal` and `-shm`. It runs `PRAGMA
/// quick_check` when it is opened, when SQLite reports damage, and when something changed the file, before it acknowledges
/// anything more. (Checks take at most a twentieth of the time. Of a file above 256 MiB only the store's own table is
/// checked.) If something is wrong, every delivery is answered 503, and an error is logged that says what to do. A file
/// that was moved away may be moved back; everything else needs a restart.
///
/// Two cases are not detected: a file overwritten in place by an older, intact copy, and a `-wal` whose contents are
/// overwritten. Make backups with `VACUUM INTO` or `.backup`, and stop the server before you restore one.
///
/// # Times
/// Times are the machine's clock, which may jump. No answer is removed before its retention ends because of that, and no
/// claim holds for longer than its lease after the jump. A jump ahead can end a lease early: a handler without `Tx` that
/// runs at that moment may then be run again by another process.
pub struct SqliteStore {
    path: PathBuf,
    retention: Duration,
    sql: Statements,
    jobs: mpsc::Sender<Job>,
    readers: SqlitePool,
    file: Arc<DatabaseFile>,
}

/// How to open a [`SqliteStore`].
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    path: PathBuf,
    table: String,
    retention: Duration,
}

impl SqliteOptions {
    /// Sets the table's name: `aghanim_idempotency` unless set. A second table, of that name and `_meta`, has its version.
    #[must_use]
    pub fn table(mut self, name: impl Into<String>) -> Self {
        self.table = name.into();
        self
    }

    /// Sets how long answers are kept at least: [`DEFAULT_RETENTION`] unless set. [`Duration::MAX`] means for ever.
    #[must_use]
    pub fn retention(mut self, retention: Duration) -> Self {
        self.retention = retention;
        self
    }

    /// Opens the file, and creates or migrates the table. A file that does not exist is created.
    ///
    /// # Errors
    /// The file cannot be opened or written, it is damaged, the table's name is not allowed, or the table was made by a
    /// newer version.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn open(self) -> Result<SqliteStore, StoreError> {
        let Self { path, table, retention } = self;
        check_name("table", &table)?;
        check_path(&path)?;
        schema::migrate(&path, &table).await?;
        let file = Arc::new(DatabaseFile::new(&path, &table)?);
        let sql = Statements::new(&table);
        let gate = Arc::new(Gate::default());
        let (jobs, receiver) = mpsc::channel(QUEUE);
        let writer = Writer::new((connections::writing(&path, &gate), gate), Arc::clone(&file), sql.clone(), receiver);
        let readers = connections::reading(&path);
        tokio::spawn(writer.run());
        let pruner = jobs.downgrade();
        tokio::spawn(prune_for_ever(move || {
            // Ends with the store.
            let jobs = pruner.upgrade();
            async move { Some(ask(&jobs?, |reply| Job::Prune(retention, reply)).await) }
        }));
        Ok(SqliteStore { path, retention, sql, jobs, readers, file })
    }
}

impl SqliteStore {
    /// Opens this file, with a table of the default name.
    ///
    /// # Errors
    /// See [`SqliteOptions::open`].
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::options(path).open().await
    }

    /// Returns the settings for opening this file.
    #[must_use]
    pub fn options(path: impl AsRef<Path>) -> SqliteOptions {
        SqliteOptions {
            path: path.as_ref().to_owned(),
            table: "aghanim_idempotency".to_owned(),
            retention: DEFAULT_RETENTION,
        }
    }

    /// Removes up to 500 answers that are older than the retention, and returns their number.
    ///
    /// The store does this by itself once a minute.
    ///
    /// # Errors
    /// The database fails.
    pub async fn prune(&self) -> Result<u64, StoreError> {
        self.ask(|reply| Job::Prune(self.retention, reply)).await
    }

    async fn ask<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, StoreError> {
        ask(&self.jobs, job).await
    }

    /// Asks the writer. If that takes long, looks for an answer on another connection, which needs no turn.
    async fn ask_or_find<T>(
        &self,
        key: &Key,
        job: impl FnOnce(Reply<Claimed<T>>) -> Job,
    ) -> Result<Claimed<T>, StoreError> {
        let asked = self.ask(job);
        tokio::pin!(asked);
        match tokio::time::timeout(PATIENCE, &mut asked).await {
            Ok(claimed) => claimed,
            Err(_) => match self.find(key).await {
                Ok(Some(record)) => Ok(Claimed::Answered(record)),
                Ok(None) | Err(_) => asked.await,
            },
        }
    }

    async fn find(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        self.file.check()?;
        let look = self.sql.look.query().bind(key.digest().to_vec());
        match look.fetch_optional(&self.readers).await.map_err(StoreError::new)? {
            Some(row) => statements::record(&row),
            None => Ok(None),
        }
    }
}

/// Refuses paths that SQLite would take for something else: each connection would have its own database in memory, and a
/// URL would be the name of a file.
fn check_path(path: &Path) -> Result<(), StoreError> {
    let text = path.to_string_lossy();
    if let Some(file) = text.strip_prefix("sqlite:") {
        let file = file.trim_start_matches("//");
        return Err(StoreError::new(format!("`{text}` is a URL: give the path of the file alone, `{file}`")));
    }
    if text.is_empty() || text.contains(":memory:") {
        return Err(StoreError::new(
            "a `SqliteStore` keeps answers in a file; use a `MemoryStore`, or a file in a temporary directory",
        ));
    }
    Ok(())
}

async fn ask<T>(jobs: &mpsc::Sender<Job>, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, StoreError> {
    let (reply, answer) = oneshot::channel();
    jobs.send(job(reply)).await.map_err(|_| lost())?;
    answer.await.map_err(|_| lost())?
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("path", &self.path)
            .field("retention", &self.retention)
            .finish_non_exhaustive()
    }
}

impl IdempotencyStore for SqliteStore {
    fn retention(&self) -> Duration {
        self.retention
    }

    fn lookup<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Record>, StoreError>> {
        Box::pin(self.find(key))
    }

    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, StoreError>> {
        Box::pin(self.ask_or_find(&claim.key, |reply| Job::Claim(claim.clone(), reply)))
    }

    fn complete<'a>(&'a self, claim: &'a Claim, answer: &'a StoredAnswer) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(self.ask(|reply| Job::Complete(claim.clone(), answer.clone(), reply)))
    }

    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.ask(|reply| Job::Release(claim.clone(), reply)))
    }

    fn transactions(&self) -> Option<&'static str> {
        Some(Sqlite::NAME)
    }

    fn begin<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed<Box<dyn Transaction>>, StoreError>> {
        Box::pin(async move {
            let claimed = self.ask_or_find(&claim.key, |reply| Job::Begin(claim.clone(), reply)).await?;
            Ok(claimed.map(|turn| Box::new(turn) as Box<dyn Transaction>))
        })
    }

    fn open(&self) -> BoxFuture<'_, Result<Box<dyn PlainTransaction>, StoreError>> {
        Box::pin(async { Ok(Box::new(self.ask(Job::Open).await?) as Box<dyn PlainTransaction>) })
    }
}
