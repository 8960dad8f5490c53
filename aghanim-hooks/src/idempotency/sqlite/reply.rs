use tokio::sync::oneshot;

use crate::idempotency::StoreError;

/// The channel to which the writer sends an outcome.
pub(super) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// A reply that waits until its batch is durable, or has failed.
pub(super) struct Pending(Box<Callback>);

type Callback = dyn FnOnce(Result<(), &str>) + Send;

impl Pending {
    pub(super) fn new<T: Send + 'static>(reply: Reply<T>, value: T) -> Self {
        Self(Box::new(move |committed| {
            // If the caller is gone, the next delivery finds the outcome in the database.
            drop(reply.send(committed.map(|()| value).map_err(StoreError::new)));
        }))
    }

    pub(super) fn send(self, committed: Result<(), &str>) {
        (self.0)(committed);
    }
}

/// The writer has ended, or its transaction was lost.
#[cold]
pub(super) fn lost() -> StoreError {
    StoreError::new("the SQLite store lost its connection")
}
