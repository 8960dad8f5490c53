//! Adapters from the typed traits, which name a database, to the untyped ones of `queue.rs`.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use http::Extensions;
use sqlx::Database;

use super::queue::{Complete, Queue, Run};
use super::{Attempt, Completion, Depth, Engine, Job, Outcome, Running};
use crate::idempotency::{BoxFuture, StoreError, Tx};

/// The handlers of an endpoint, for an engine to run jobs with.
pub struct Jobs<Db> {
    run: Arc<dyn Run>,
    queues: Arc<[&'static str]>,
    database: PhantomData<fn() -> Db>,
}

impl<Db: Database> Jobs<Db> {
    /// Calls the handler of a job within the attempt's timeout, and returns what to do with the job.
    ///
    /// If the handler takes a `Tx`, the job is completed in the handler's transaction before the handler is called. Its
    /// writes are then committed together with the completion, or not at all.
    pub async fn run(&self, job: Job, attempt: Attempt, completion: impl Completion<Db> + 'static) -> Outcome {
        self.run.run(job, attempt, Box::new(TypedCompletion { completion, database: PhantomData })).await
    }

    /// The queues that the attributes of handlers name, and [`Webhooks::later_queue`](crate::Webhooks::later_queue).
    #[must_use]
    pub fn queues(&self) -> &[&'static str] {
        &self.queues
    }
}

impl<Db> Clone for Jobs<Db> {
    fn clone(&self) -> Self {
        Self { run: Arc::clone(&self.run), queues: Arc::clone(&self.queues), database: PhantomData }
    }
}

impl<Db> fmt::Debug for Jobs<Db> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jobs").field("queues", &self.queues).finish_non_exhaustive()
    }
}

/// An engine behind [`Queue`].
pub(crate) struct TypedEngine<Db, E> {
    engine: E,
    database: PhantomData<fn() -> Db>,
}

impl<Db, E> TypedEngine<Db, E> {
    pub(crate) fn new(engine: E) -> Self {
        Self { engine, database: PhantomData }
    }
}

impl<Db: Database, E> fmt::Debug for TypedEngine<Db, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("database", &Db::NAME).finish_non_exhaustive()
    }
}

impl<Db: Database, E: Engine<Db>> Queue for TypedEngine<Db, E> {
    fn database(&self) -> &'static str {
        Db::NAME
    }

    fn enqueue<'a>(&'a self, extensions: &'a mut Extensions, job: &'a Job) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let mut tx = take::<Db>(extensions)?;
            self.engine.enqueue(tx.transaction().ok_or_else(no_transaction)?, job).await
        })
    }

    fn advance<'a>(
        &'a self,
        extensions: &'a mut Extensions,
        entity: &'a str,
        time: i64,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async move {
            let mut tx = take::<Db>(extensions)?;
            let newest = self.engine.advance(tx.transaction().ok_or_else(no_transaction)?, entity, time).await?;
            tx.leave_in(extensions);
            Ok(newest)
        })
    }

    fn depth(&self) -> BoxFuture<'_, Result<Depth, StoreError>> {
        self.engine.depth()
    }

    fn start(
        &self,
        run: Arc<dyn Run>,
        queues: Vec<&'static str>,
    ) -> BoxFuture<'_, Result<Box<dyn Running>, StoreError>> {
        self.engine.start(Jobs { run, queues: queues.into(), database: PhantomData })
    }
}

/// A completion behind [`Complete`].
struct TypedCompletion<Db, C> {
    completion: C,
    database: PhantomData<fn() -> Db>,
}

impl<Db: Database, C: Completion<Db>> Complete for TypedCompletion<Db, C> {
    fn complete<'a>(&'a self, extensions: &'a mut Extensions) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async move {
            let mut tx = take::<Db>(extensions)?;
            let ours = self.completion.complete(tx.transaction().ok_or_else(no_transaction)?).await?;
            tx.leave_in(extensions);
            Ok(ours)
        })
    }
}

fn take<Db: Database>(extensions: &mut Extensions) -> Result<Tx<Db>, StoreError> {
    Tx::take_from(extensions).ok_or_else(no_transaction)
}

#[cold]
fn no_transaction() -> StoreError {
    StoreError::new("the store lent no transaction to enqueue in: `later` needs a store with transactions")
}
