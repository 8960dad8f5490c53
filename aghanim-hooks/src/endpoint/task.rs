//! The job of a delivery that a worker makes.

use http::Extensions;
use tokio::sync::oneshot;

use crate::answer::Answer;
use crate::idempotency::StoreError;
use crate::later::{Complete, Outcome};

/// The job of a delivery that a worker makes.
pub(super) struct Task {
    complete: Box<dyn Complete>,
    /// Handlers return answers, which no one waits for in a worker. The outcome goes this way instead.
    outcome: oneshot::Sender<Outcome>,
}

impl Task {
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(super) fn new(complete: Box<dyn Complete>, outcome: oneshot::Sender<Outcome>) -> Self {
        Self { complete, outcome }
    }

    /// Completes the job in the transaction that is among these extensions. False if another worker has it by now.
    pub(super) async fn complete(&self, extensions: &mut Extensions) -> Result<bool, StoreError> {
        self.complete.complete(extensions).await
    }

    /// Reports the outcome, and returns an answer that no one sees.
    pub(super) fn ends(self, outcome: Outcome) -> Answer {
        // Without a receiver, the attempt was given up.
        drop(self.outcome.send(outcome));
        Answer::ACK
    }
}
