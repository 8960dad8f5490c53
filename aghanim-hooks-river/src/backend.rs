//! The two databases, behind one trait.

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::future::Future;

use aghanim_hooks::idempotency::StoreError;
use riverqueue::{Client, ClientBuilder, Error, InsertOpts, JobRow, WorkContext};
use sqlx::{Database, Pool, Transaction};

use crate::args::Args;

/// A database that River runs on: [`sqlx::Postgres`] and [`sqlx::Sqlite`].
#[expect(private_interfaces, reason = "sealed: its methods are for this crate alone")]
pub trait Backend: Database + sealed::Sealed {
    /// The schema of River's tables unless one is set. SQLite has none.
    #[doc(hidden)]
    const SCHEMA: Option<&'static str>;

    /// The full name of a table in a schema.
    #[doc(hidden)]
    fn table(schema: Option<&str>, name: &str) -> Result<String, StoreError>;

    #[doc(hidden)]
    fn client(pool: &Pool<Self>, schema: Option<&str>) -> Result<ClientBuilder, StoreError>;

    #[doc(hidden)]
    fn migrate(pool: &Pool<Self>, schema: Option<&str>) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Begins a transaction that writes. It may be dropped at any moment.
    #[doc(hidden)]
    fn begin(pool: &Pool<Self>) -> impl Future<Output = Result<Transaction<'static, Self>, StoreError>> + Send;

    #[doc(hidden)]
    fn insert(
        client: &Client,
        tx: &mut Transaction<'_, Self>,
        args: Args,
        options: InsertOpts,
    ) -> impl Future<Output = Result<i64, Error>> + Send;

    #[doc(hidden)]
    fn complete(
        context: &WorkContext,
        tx: &mut Transaction<'_, Self>,
    ) -> impl Future<Output = Result<JobRow, Error>> + Send;

    /// Marks a job that is not running as replayed, and makes it available.
    #[doc(hidden)]
    fn retry(
        client: &Client,
        tx: &mut Transaction<'_, Self>,
        id: i64,
        metadata: serde_json::Map<String, serde_json::Value>,
    ) -> impl Future<Output = Result<JobRow, Error>> + Send;

    /// Records the time of an entity's event. Returns false if a later time is recorded already.
    #[doc(hidden)]
    fn advance(
        tx: &mut Transaction<'_, Self>,
        schema: Option<&str>,
        entity: &str,
        time: i64,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Counts the jobs that are not completed.
    #[doc(hidden)]
    fn counts(pool: &Pool<Self>, schema: Option<&str>) -> impl Future<Output = Result<Counts, StoreError>> + Send;
}

/// Jobs that wait, run, and wait for another attempt; dead letters; and the age of the oldest job in seconds.
type Counts = (i64, i64, i64, i64, f64);

mod sealed {
    pub trait Sealed {}

    #[cfg(feature = "postgres")]
    impl Sealed for sqlx::Postgres {}

    #[cfg(feature = "sqlite")]
    impl Sealed for sqlx::Sqlite {}
}

/// The table of the newest time of each entity, in River's schema.
const LATEST: &str = "aghanim_latest";

/// The methods that both databases have word for word. They are a macro, because what they call is implemented for each
/// database and behind no common trait.
///
/// `$oldest` is the SQL for the age in seconds of the oldest job.
macro_rules! in_both {
    ($oldest:expr) => {
        async fn insert(
            client: &Client,
            tx: &mut Transaction<'_, Self>,
            args: Args,
            options: InsertOpts,
        ) -> Result<i64, Error> {
            Ok(client.insert(args).opts(options).tx(tx).await?.id())
        }

        async fn complete(context: &WorkContext, tx: &mut Transaction<'_, Self>) -> Result<JobRow, Error> {
            context.job_complete_tx(tx).await
        }

        async fn retry(
            client: &Client,
            tx: &mut Transaction<'_, Self>,
            id: i64,
            metadata: serde_json::Map<String, serde_json::Value>,
        ) -> Result<JobRow, Error> {
            client.jobs().update(id, JobUpdateParams::default().metadata(metadata)).tx(&mut *tx).await?;
            client.jobs().retry(id).tx(tx).await
        }

        async fn advance(
            tx: &mut Transaction<'_, Self>,
            schema: Option<&str>,
            entity: &str,
            time: i64,
        ) -> Result<bool, StoreError> {
            let statement = advance_statement(&Self::table(schema, LATEST)?);
            let done = sqlx::query(AssertSqlSafe(statement)).bind(entity).bind(time).execute(&mut **tx).await;
            Ok(done.map_err(StoreError::new)?.rows_affected() > 0)
        }

        async fn counts(pool: &Pool<Self>, schema: Option<&str>) -> Result<Counts, StoreError> {
            let statement = counts_statement(&Self::table(schema, "river_job")?, $oldest);
            sqlx::query_as(AssertSqlSafe(statement))
                .bind(<Args as riverqueue::JobArgs>::KIND)
                .fetch_one(pool)
                .await
                .map_err(StoreError::new)
        }
    };
}

use in_both;

/// The statement behind [`Backend::advance`], which both databases read.
fn advance_statement(table: &str) -> String {
    format!(
        "INSERT INTO {table} (entity, event_time) VALUES ($1, $2) \
         ON CONFLICT (entity) DO UPDATE SET event_time = excluded.event_time \
         WHERE {table}.event_time <= excluded.event_time"
    )
}

/// The statement behind [`Backend::counts`].
fn counts_statement(table: &str, oldest: &str) -> String {
    format!(
        "SELECT count(*) FILTER (WHERE state = 'available') AS waiting, \
                count(*) FILTER (WHERE state = 'running') AS running, \
                count(*) FILTER (WHERE state IN ('retryable', 'scheduled')) AS retrying, \
                count(*) FILTER (WHERE state = 'discarded') AS dead, \
                {oldest} AS oldest \
         FROM {table} WHERE kind = $1 AND state <> 'completed'"
    )
}
