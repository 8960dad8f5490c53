use std::fmt;
use std::sync::Arc;

use super::queue::{Queue, Run};
use crate::idempotency::{BoxFuture, StoreError};

/// A worker that has not started yet: see [`Webhooks::worker`](crate::Webhooks::worker).
#[must_use = "a worker does nothing until it is started"]
pub struct Worker(Result<Ready, StoreError>);

struct Ready {
    queue: Arc<dyn Queue>,
    run: Arc<dyn Run>,
    queues: Vec<&'static str>,
}

impl Worker {
    pub(crate) fn new(queue: Arc<dyn Queue>, run: Arc<dyn Run>, queues: Vec<&'static str>) -> Self {
        Self(Ok(Ready { queue, run, queues }))
    }

    /// A worker whose start fails with this error.
    pub(crate) fn refused(error: StoreError) -> Self {
        Self(Err(error))
    }

    /// Starts to run jobs, until the returned handle is [stopped](RunningWorker::stop) or dropped.
    ///
    /// # Errors
    /// When [`Webhooks::check`](crate::Webhooks::check) fails, the endpoint has no engine, or the engine can't start.
    pub async fn start(self) -> Result<RunningWorker, StoreError> {
        let Ready { queue, run, queues } = self.0?;
        Ok(RunningWorker { running: queue.start(run, queues).await? })
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let queues = self.0.as_ref().map(|ready| &ready.queues);
        f.debug_struct("Worker").field("queues", &queues).finish_non_exhaustive()
    }
}

/// A worker that runs jobs. If it is dropped, it stops at once: attempts under way are dropped too, and made again.
#[must_use = "a worker stops when this is dropped"]
pub struct RunningWorker {
    running: Box<dyn Running>,
}

impl RunningWorker {
    /// Takes no more jobs, and waits for the attempts under way.
    ///
    /// # Errors
    /// When the engine has failed.
    pub async fn stop(self) -> Result<(), StoreError> {
        self.running.stop().await
    }
}

impl fmt::Debug for RunningWorker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningWorker").finish_non_exhaustive()
    }
}

/// An engine that runs jobs. If it is dropped, it stops at once.
pub trait Running: Send {
    /// Takes no more jobs, and waits for the attempts under way.
    ///
    /// # Errors
    /// When the engine has failed.
    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<(), StoreError>>;
}
