//! The current job of a worker, on its way through the code that requests take too.

use http::Extensions;
use tokio::sync::oneshot;

use crate::answer::Answer;
use crate::idempotency::StoreError;
use crate::later::{Complete, Outcome};

/// The current job of a worker.
pub(super) struct Task {
    complete: Box<dyn Complete>,
    /// The outcome is sent here, since the return type of this code is the answer to a request.
    outcome: oneshot::Sender<Outcome>,
}

impl Task {
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(super) fn new(complete: Box<dyn Complete>, outcome: oneshot::Sender<Outcome>) -> Self {
        Self { complete, outcome }
    }

    /// Completes the job in the transaction that is among these extensions. Returns false if another worker has taken it
    /// over.
    pub(super) async fn complete(&self, extensions: &mut Extensions) -> Result<bool, StoreError> {
        self.complete.complete(extensions).await
    }

    /// Sends the outcome, and returns an answer that is not read.
    pub(super) fn ends(self, outcome: Outcome) -> Answer {
        // The receiver is gone if the attempt has timed out.
        drop(self.outcome.send(outcome));
        Answer::ACK
    }
}
