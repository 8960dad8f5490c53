use sqlx::Database;

use super::{Depth, Job, Jobs, Running};
use crate::idempotency::{BoxFuture, StoreError};

/// An engine for deferred work: it keeps jobs in a database and runs them.
///
/// The crate `aghanim-hooks-river` implements it on River, for PostgreSQL and SQLite. Implement it for another engine that
/// can insert and complete a job in the caller's transaction.
///
/// `Db` is the database of the endpoint's store, so that the job, the idempotency key and the answer are one commit.
pub trait Engine<Db: Database>: Send + Sync + 'static {
    /// Inserts a job in an open transaction. It must not become visible before that transaction commits.
    ///
    /// # Errors
    /// When the job can't be inserted. The transaction is then rolled back, and the delivery is answered with 503.
    fn enqueue<'a>(
        &'a self,
        tx: &'a mut sqlx::Transaction<'_, Db>,
        job: &'a Job,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Records the time of an entity's event, in nanoseconds since 1970. Returns false if a later time is recorded already.
    ///
    /// It is called for handlers with `later(latest_of = "…")`.
    ///
    /// # Errors
    /// When the database fails.
    fn advance<'a>(
        &'a self,
        tx: &'a mut sqlx::Transaction<'_, Db>,
        entity: &'a str,
        time: i64,
    ) -> BoxFuture<'a, Result<bool, StoreError>>;

    /// Counts the jobs in each state.
    ///
    /// # Errors
    /// When the database fails.
    fn depth(&self) -> BoxFuture<'_, Result<Depth, StoreError>>;

    /// Starts to run jobs, until the returned [`Running`] is stopped or dropped.
    ///
    /// The engine passes each job to [`Jobs::run`]. The [`Outcome`](super::Outcome) says what to do with the job then.
    ///
    /// # Errors
    /// When the engine can't start.
    fn start(&self, jobs: Jobs<Db>) -> BoxFuture<'_, Result<Box<dyn Running>, StoreError>>;
}

/// Completes the current job in the handler's transaction. The engine implements it, since only the engine knows how.
pub trait Completion<Db: Database>: Send + Sync {
    /// Marks the job as completed. Returns false if the job is no longer running, or another worker has taken it over.
    ///
    /// # Errors
    /// When the database fails.
    fn complete<'a>(&'a self, tx: &'a mut sqlx::Transaction<'_, Db>) -> BoxFuture<'a, Result<bool, StoreError>>;
}
