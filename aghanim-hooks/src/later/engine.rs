use sqlx::Database;

use super::{Depth, Job, Jobs, Running};
use crate::idempotency::BoxFuture;
use crate::idempotency::StoreError;

/// An engine for deferred work: keeps jobs in a database, and works them.
///
/// The crate `aghanim-hooks-river` implements it on River, for PostgreSQL and SQLite. Implement it for another engine that
/// can insert and complete a job in a transaction that it is given.
///
/// `Db` is the database of the endpoint's store: the job, the idempotency key and the answer are one commit.
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

    /// Records the time of an event for an entity, in nanoseconds since 1970. False if a later time was recorded before.
    ///
    /// The endpoint asks it for handlers with `later(latest_of = "…")`.
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

    /// Starts to work jobs, until the returned [`Running`] is stopped or dropped.
    ///
    /// The engine passes every job that it fetches to [`Jobs::run`], and does what the
    /// [`Outcome`](super::Outcome) says.
    ///
    /// # Errors
    /// When the engine can't start.
    fn start(&self, jobs: Jobs<Db>) -> BoxFuture<'_, Result<Box<dyn Running>, StoreError>>;
}

/// Completes the current job in a transaction: the part of a [`Job`] that only the engine knows.
pub trait Completion<Db: Database>: Send + Sync {
    /// Marks the job as completed, in the handler's transaction. False if another worker has the job by now, or it is no
    /// longer running.
    ///
    /// # Errors
    /// When the database fails.
    fn complete<'a>(&'a self, tx: &'a mut sqlx::Transaction<'_, Db>) -> BoxFuture<'a, Result<bool, StoreError>>;
}
