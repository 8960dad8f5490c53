use std::time::Duration;

use aghanim_hooks::idempotency::StoreError;

use crate::backend::Backend;
use crate::river::River;

/// The numbers of jobs in each state, for a gauge or an alarm.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Depth {
    /// Jobs that wait for their first or next attempt, and are due.
    pub waiting: u64,
    /// Jobs that are being worked.
    pub running: u64,
    /// Jobs that failed and wait for their next attempt.
    pub retrying: u64,
    /// Dead letters.
    pub dead: u64,
    /// The age of the oldest job that is not done, since it was enqueued.
    pub oldest: Duration,
}

impl<Db: Backend> River<Db> {
    /// Counts the jobs in each state. One query over the jobs that are not completed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn depth(&self) -> Result<Depth, StoreError> {
        let (waiting, running, retrying, dead, oldest) = Db::counts(&self.pool, self.schema_name()).await?;
        Ok(Depth {
            waiting: waiting.unsigned_abs(),
            running: running.unsigned_abs(),
            retrying: retrying.unsigned_abs(),
            dead: dead.unsigned_abs(),
            oldest: Duration::try_from_secs_f64(oldest).unwrap_or_default(),
        })
    }
}
