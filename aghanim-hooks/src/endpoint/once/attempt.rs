//! One attempt at a key: claim, handler, answer.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::{ClaimRequest, rollback_failed, store_failed};
use crate::answer::Answer;
use crate::endpoint::call::{Call, Outcome};
use crate::endpoint::context::Context;
use crate::endpoint::flight::Lead;
use crate::idempotency::{Claimed, IdempotencyStore, Record, StoredAnswer};
use crate::observer;
use crate::run_to_completion::RunToCompletion;

/// The only attempt of this process at a key.
pub(super) struct Attempt {
    pub(super) store: Arc<dyn IdempotencyStore>,
    pub(super) request: Box<ClaimRequest>,
    lead: Lead,
    pub(super) context: Box<Context>,
}

impl Attempt {
    pub(super) fn new(
        store: Arc<dyn IdempotencyStore>,
        request: Box<ClaimRequest>,
        lead: Lead,
        context: Box<Context>,
    ) -> Self {
        Self { store, request, lead, context }
    }

    pub(super) async fn run(self, call: Call) -> Answer {
        if self.context.entry.in_transaction() {
            self.in_transaction(call).await
        } else {
            // Continues when the client hangs up, so that each claim is completed or released.
            RunToCompletion::new(self.under_lease(call)).await
        }
    }

    /// Makes the attempt with a `Tx`: claim, writes and answer are one commit. Its drop undoes all of them.
    async fn in_transaction(mut self, mut call: Call) -> Answer {
        let mut pause = Pause::default();
        let mut transaction = loop {
            match self.store.begin(&self.request.claim).await {
                Ok(Claimed::Mine(transaction)) => break transaction,
                Ok(Claimed::Answered(record)) => return self.answered_elsewhere(record),
                Ok(Claimed::InFlight) => pause.wait().await,
                Err(error) => return store_failed(&error, &self.context.notes),
            }
        };
        transaction.lend(&mut call.parts.extensions);
        let handled = call.run(&self.context).await;
        let answer = StoredAnswer::from(&handled.answer);
        let ended = match handled.outcome {
            Outcome::Accepted => transaction.commit(&answer).await.map(Claimed::Mine),
            Outcome::Refused => transaction.refuse(&answer).await,
            Outcome::Failed => {
                if let Err(error) = transaction.rollback().await {
                    rollback_failed(&error);
                }
                return handled.answer;
            }
        };
        match ended {
            Ok(Claimed::Mine(())) => {
                self.publish(answer);
                handled.answer
            }
            Ok(Claimed::Answered(record)) => self.answered_elsewhere(record),
            Ok(Claimed::InFlight) => self.too_late(),
            Err(error) => store_failed(&error, &self.context.notes),
        }
    }

    pub(super) fn answered_elsewhere(&mut self, record: Record) -> Answer {
        self.lead.publish(record.clone());
        self.request.replay(record, observer::Outcome::Replayed, &self.context.notes)
    }

    pub(super) fn too_late(&self) -> Answer {
        self.context.notes.outcome(observer::Outcome::TimedOut);
        Answer::unavailable()
    }

    pub(super) fn publish(&mut self, answer: StoredAnswer) {
        self.lead.publish(Record::new(self.request.claim.fingerprint, answer));
    }
}

/// The pause before a store is asked again. It doubles up to a quarter of a second.
pub(super) struct Pause(pub(super) Duration);

impl Default for Pause {
    fn default() -> Self {
        Self(Duration::from_millis(10))
    }
}

impl Pause {
    pub(super) async fn wait(&mut self) {
        sleep(self.0).await;
        self.0 = (2 * self.0).min(Duration::from_millis(250));
    }
}
