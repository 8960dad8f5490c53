//! Engine and endpoint as they see each other: the engine without its database's type, the endpoint without its state's
//! type.

use std::fmt;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
use std::sync::Arc;

use http::Extensions;

#[cfg(any(feature = "sqlite", feature = "postgres"))]
use super::{Attempt, Outcome, Running};
use super::{Depth, Job};
use crate::idempotency::{BoxFuture, StoreError};

/// An engine of any database. It takes its transactions from a request's extensions, where the store put them.
pub(crate) trait Queue: fmt::Debug + Send + Sync {
    /// The name that sqlx gives to its database.
    fn database(&self) -> &'static str;

    fn enqueue<'a>(&'a self, extensions: &'a mut Extensions, job: &'a Job) -> BoxFuture<'a, Result<(), StoreError>>;

    fn advance<'a>(
        &'a self,
        extensions: &'a mut Extensions,
        entity: &'a str,
        time: i64,
    ) -> BoxFuture<'a, Result<bool, StoreError>>;

    fn depth(&self) -> BoxFuture<'_, Result<Depth, StoreError>>;

    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    fn start(
        &self,
        run: Arc<dyn Run>,
        queues: Vec<&'static str>,
    ) -> BoxFuture<'_, Result<Box<dyn Running>, StoreError>>;
}

/// Completes the current job in the transaction that is among these extensions.
pub(crate) trait Complete: Send + Sync {
    fn complete<'a>(&'a self, extensions: &'a mut Extensions) -> BoxFuture<'a, Result<bool, StoreError>>;
}

/// Runs the handler of a job.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) trait Run: Send + Sync {
    fn run(&self, job: Job, attempt: Attempt, complete: Box<dyn Complete>) -> BoxFuture<'static, Outcome>;
}
