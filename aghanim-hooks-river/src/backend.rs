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

    #[doc(hidden)]
    fn client(pool: &Pool<Self>, schema: Option<&str>) -> Result<ClientBuilder, StoreError>;

    #[doc(hidden)]
    fn migrate(pool: &Pool<Self>, schema: Option<&str>) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Begins a transaction that writes. Safe to be dropped at any moment.
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

    /// Records the time of an entity's event. False if a later one was recorded before.
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

/// The statement behind [`Backend::advance`], which both databases read.
fn advance_statement(table: &str) -> String {
    format!(
        "INSERT INTO {table} (entity, event_time) VALUES ($1, $2) \
         ON CONFLICT (entity) DO UPDATE SET event_time = excluded.event_time \
         WHERE {table}.event_time <= excluded.event_time"
    )
}
