//! One attempt at a key: claim, handler, answer.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::{ClaimRequest, TIMEOUTS_PER_LEASE, rollback_failed, store_failed};
use crate::answer::Answer;
use crate::endpoint::call::{Call, Outcome, too_slow};
use crate::endpoint::context::Context;
use crate::endpoint::flight::Lead;
use crate::idempotency::{Claimed, IdempotencyStore, Record, StoreError, StoredAnswer};
use crate::observer;
use crate::run_to_completion::RunToCompletion;

/// The only attempt of this process at a key.
pub(super) struct Attempt {
    store: Arc<dyn IdempotencyStore>,
    request: ClaimRequest,
    lead: Lead,
    context: Context,
}

impl Attempt {
    pub(super) fn new(store: Arc<dyn IdempotencyStore>, request: ClaimRequest, lead: Lead, context: Context) -> Self {
        Self { store, request, lead, context }
    }

    pub(super) async fn run(self, call: Call) -> Answer {
        if self.context.entry.in_transaction() {
            self.in_transaction(call).await
        } else {
            // Goes on when the client hangs up, so that no claim is left without an end.
            RunToCompletion::new(self.under_lease(call)).await
        }
    }

    /// Claim, writes and answer in one commit. Dropped at any point, it undoes all of them.
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

    /// Claim, then the handler, then the answer. Each is durable by itself.
    async fn under_lease(mut self, call: Call) -> Answer {
        let deadline = self.context.deadline;
        let lease = self.request.claim.lease;
        // The lease starts no earlier than the delivery, which came one timeout before the deadline.
        let mut lapses = deadline + lease / TIMEOUTS_PER_LEASE * (TIMEOUTS_PER_LEASE - 1);
        let mut pause = Pause::default();
        loop {
            match timeout_at(deadline, self.store.claim(&self.request.claim)).await {
                Ok(Ok(Claimed::Mine(()))) => break,
                Ok(Ok(Claimed::Answered(record))) => return self.answered_elsewhere(record),
                Ok(Ok(Claimed::InFlight)) if Instant::now() < deadline => {
                    pause.wait().await;
                    lapses = Instant::now() + lease;
                }
                Ok(Ok(Claimed::InFlight)) => return self.too_late(),
                Ok(Err(error)) => return store_failed(&error, &self.context.notes),
                // The claim may have been made: release it.
                Err(_) => return self.release_after(self.too_late()).await,
            }
        }
        let handled = timeout_at(deadline, pin!(call.run(&self.context))).await;
        let Ok(handled) = handled else {
            self.context.notes.outcome(observer::Outcome::TimedOut);
            return self.release_after(too_slow(self.context.entry.name)).await;
        };
        match handled.outcome {
            Outcome::Accepted | Outcome::Refused => self.complete(handled.answer, lapses).await,
            Outcome::Failed => self.release_after(handled.answer).await,
        }
    }

    /// Stores the answer. It tries for as long as the claim holds, because the effect has happened.
    async fn complete(&mut self, answer: Answer, lapses: Instant) -> Answer {
        let stored = StoredAnswer::from(&answer);
        let mut pause = Pause::default();
        loop {
            // Bounded: duplicates wait for this attempt, and a store may never answer.
            let completed = timeout_at(lapses, self.store.complete(&self.request.claim, &stored)).await;
            match completed.unwrap_or_else(|_| Err(StoreError::new("the store did not answer before the lease lapsed")))
            {
                Ok(true) => {
                    self.publish(stored);
                    return answer;
                }
                Ok(false) => {
                    tracing::error!(claim = ?self.request.claim, "a lease lapsed before its answer was stored");
                    return self.too_late();
                }
                Err(error) if Instant::now() + pause.0 < lapses => {
                    tracing::warn!(%error, "an answer could not be stored yet");
                    pause.wait().await;
                }
                Err(error) => return store_failed(&error, &self.context.notes),
            }
        }
    }

    async fn release_after(&self, answer: Answer) -> Answer {
        let lease = self.request.claim.lease;
        let released = timeout(lease, self.store.release(&self.request.claim)).await;
        if let Err(error) = released.unwrap_or_else(|_| Err(StoreError::new("the store did not answer"))) {
            tracing::warn!(%error, ?lease, "a claim could not be released; it lapses with its lease");
        }
        answer
    }

    fn answered_elsewhere(&mut self, record: Record) -> Answer {
        self.lead.publish(record.clone());
        self.request.replay(record, observer::Outcome::Replayed, &self.context.notes)
    }

    fn too_late(&self) -> Answer {
        self.context.notes.outcome(observer::Outcome::TimedOut);
        Answer::unavailable()
    }

    fn publish(&mut self, answer: StoredAnswer) {
        self.lead.publish(Record::new(self.request.claim.fingerprint, answer));
    }
}

/// The pause before a store is asked again. It doubles up to a quarter of a second.
struct Pause(Duration);

impl Default for Pause {
    fn default() -> Self {
        Self(Duration::from_millis(10))
    }
}

impl Pause {
    async fn wait(&mut self) {
        sleep(self.0).await;
        self.0 = (2 * self.0).min(Duration::from_millis(250));
    }
}
