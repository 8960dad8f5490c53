//! The task that owns the only connection that writes.
//!
//! SQLite has one writer at a time, and a commit that survives a power failure costs a sync of the disk. So deliveries
//! that wait while another one writes share the next transaction, a [`Batch`]. Nobody gets a reply before its commit.
//!
//! SQLite's calls block, so sqlx runs the connection in a thread of its own, and each round trip to that thread costs
//! more than the statement. That is why several statements go in one text.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use sqlx::SqlitePool;
use tokio::sync::mpsc;

use super::batch::Batch;
use super::connections::Gate;
use super::file::{DatabaseFile, is_damage};
use super::job::Job;
use super::slow::SlowTypes;
use super::statements::Statements;
use super::turn::Shared;
use crate::idempotency::StoreError;

pub(super) struct Writer {
    pool: SqlitePool,
    gate: Arc<Gate>,
    file: Arc<DatabaseFile>,
    sql: Statements,
    jobs: mpsc::Receiver<Job>,
    slow: SlowTypes,
}

impl Writer {
    pub(super) fn new(
        (pool, gate): (SqlitePool, Arc<Gate>),
        file: Arc<DatabaseFile>,
        sql: Statements,
        jobs: mpsc::Receiver<Job>,
    ) -> Self {
        Self { pool, gate, file, sql, jobs, slow: SlowTypes::default() }
    }

    /// Runs jobs until the store is dropped.
    pub(super) async fn run(mut self) {
        let mut next = None;
        loop {
            let job = match next.take() {
                Some(job) => job,
                None => match self.jobs.recv().await {
                    Some(job) => job,
                    None => break,
                },
            };
            match self.begin().await {
                Ok(shared) => next = self.batch(shared, job).await,
                Err(error) => job.fail(error),
            }
        }
        self.pool.close().await;
    }

    async fn begin(&self) -> Result<Shared, StoreError> {
        self.file.check()?;
        let shared = match self.pool.begin_with(self.sql.begin.text()).await {
            Ok(shared) => shared,
            Err(error) => return Err(distrust(&self.gate, &self.file, StoreError::new(error)).await),
        };
        if self.gate.is_new.swap(false, Ordering::AcqRel) {
            self.file.connected();
        }
        Ok(shared)
    }

    /// Runs this job, and others that wait, in one transaction. Returns a job that needs the next one.
    async fn batch(&mut self, shared: Shared, first: Job) -> Option<Job> {
        let mut batch = Batch::new(&self.sql, &mut self.slow, shared);
        let (filled, next) = fill(&mut batch, first, &mut self.jobs).await;
        let committed = match filled {
            Ok(shared) => commit(&self.gate, &self.file, shared).await,
            Err(error) => Err(error),
        };
        let committed = match committed {
            Ok(()) => Ok(()),
            Err(error) => {
                let error = distrust(&self.gate, &self.file, error).await;
                tracing::error!(%error, "a transaction of the SQLite store failed: nothing in it is acknowledged");
                Err(error.to_string())
            }
        };
        batch.end(committed.as_ref().copied().map_err(String::as_str));
        next
    }
}

/// Runs jobs in a batch until it is full. Returns the transaction, to be committed, and a job that did not fit.
async fn fill(
    batch: &mut Batch<'_>,
    first: Job,
    jobs: &mut mpsc::Receiver<Job>,
) -> (Result<Shared, StoreError>, Option<Job>) {
    let mut next = Some(first);
    while let Some(job) = next.take() {
        if let Err(error) = batch.run(job).await {
            return (Err(error), None);
        }
        if batch.has_room() {
            next = jobs.try_recv().ok();
        }
        if next.as_ref().is_some_and(|job| batch.is_too_slow(job)) {
            break;
        }
    }
    (batch.finish().await, next)
}

async fn commit(gate: &Gate, file: &DatabaseFile, shared: Shared) -> Result<(), StoreError> {
    gate.may_commit.store(true, Ordering::Release);
    let committed = shared.commit().await.map_err(StoreError::new);
    gate.may_commit.store(false, Ordering::Release);
    committed?;
    file.check_committed().await
}

/// After an error: the next transaction gets a new connection. If SQLite says that the file is damaged, it is checked.
/// Returns the reason that helps most.
async fn distrust(gate: &Gate, file: &DatabaseFile, error: StoreError) -> StoreError {
    gate.suspect.store(true, Ordering::Release);
    if error.database().is_some_and(is_damage) {
        return file.check_contents().await.err().unwrap_or(error);
    }
    error
}
