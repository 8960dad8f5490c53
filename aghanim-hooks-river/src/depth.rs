use std::time::Duration;

use aghanim_hooks::idempotency::StoreError;
use aghanim_hooks::later::Depth;

use crate::backend::Backend;
use crate::river::River;

impl<Db: Backend> River<Db> {
    /// Counts the jobs in each state, with one query over the jobs that are not completed.
    ///
    /// # Errors
    /// Fails if the database fails.
    pub async fn depth(&self) -> Result<Depth, StoreError> {
        let (waiting, running, retrying, dead, oldest) = Db::counts(&self.pool, self.schema_name()).await?;
        let mut depth = Depth::default();
        depth.waiting = waiting.unsigned_abs();
        depth.running = running.unsigned_abs();
        depth.retrying = retrying.unsigned_abs();
        depth.dead = dead.unsigned_abs();
        depth.oldest = Duration::try_from_secs_f64(oldest).unwrap_or_default();
        Ok(depth)
    }
}
