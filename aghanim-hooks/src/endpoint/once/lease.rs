//! An attempt under a lease, for a handler without `Tx`.

use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

use super::attempt::{Attempt, Pause};
use super::store_failed;
use crate::answer::Answer;
use crate::endpoint::call::{Call, Outcome, too_slow};
use crate::idempotency::{Claimed, StoreError, StoredAnswer};
use crate::observer;

/// The length of a lease, in timeouts of the endpoint.
///
/// It is long enough that no attempt outlives its own lease, even if storing the answer takes several tries.
const TIMEOUTS_PER_LEASE: u32 = 3;

/// The length of a lease at an endpoint with this timeout.
pub(super) fn length(timeout: Duration) -> Duration {
    timeout.saturating_mul(TIMEOUTS_PER_LEASE)
}

impl Attempt {
    /// Makes the attempt: claim, then handler, then answer. Each step is durable by itself.
    pub(super) async fn under_lease(mut self, call: Call) -> Answer {
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
}
