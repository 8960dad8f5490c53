//! The room between envelope and handler: an event that bears a key takes effect once.
#![expect(clippy::manual_async_fn, reason = "an `async fn` holds what it is given twice, and the event is large")]

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::Either;
use http::StatusCode;
use tokio::time::{Instant, sleep, timeout};

use super::Endpoint;
use super::deadline::within;
use super::delivery::{Call, Outcome, Start, not_now, too_slow};
use super::to_the_end::ToTheEnd;
use crate::envelope::Envelope;
use crate::handler::AnswerFuture;
use crate::idempotency::{
    Boarding, Claim, Claimed, Fingerprint, Flights, Follow, IdempotencyStore, Key, KeyReuse, Lead,
};
use crate::idempotency::{Record, StoreError, StoredAnswer};
use crate::reply::Answer;

/// A lease lasts this many timeouts: long enough that no attempt outlives its own, even when keeping the answer takes
/// several tries.
const TIMEOUTS_PER_LEASE: u32 = 3;

/// A store, and the keys that this endpoint is working on.
#[derive(Debug, Clone)]
pub(super) struct Once {
    pub(super) store: Arc<dyn IdempotencyStore>,
    flights: Flights,
}

/// What an event that bears a key asks for.
pub(super) struct Asked {
    claim: Claim,
    key_reuse: KeyReuse,
}

impl Asked {
    /// Of an event that was read from this body; `None` when it bears no key.
    pub(super) fn new<'a, S, T>(
        endpoint: &Endpoint<S>,
        envelope: &Envelope<'a, T>,
        json: &'a str,
        deadline: Instant,
    ) -> Option<Self> {
        let key = Key::of(envelope)?;
        let lease = endpoint.timeout.saturating_mul(TIMEOUTS_PER_LEASE);
        let claim = Claim::new(key, Fingerprint::of(envelope, json), lease, deadline.into_std());
        Some(Self { claim, key_reuse: endpoint.key_reuse })
    }

    /// What was answered first.
    fn again(&self, record: Record) -> Answer {
        let (event_type, key) = (self.claim.key.event_type(), self.claim.key.idempotency_key());
        if record.fingerprint == self.claim.fingerprint {
            tracing::debug!(event_type, key, "answered a duplicate");
            return record.answer.into();
        }
        tracing::warn!(
            monotonic_counter.aghanim_hooks_key_reuse = 1_u64,
            event_type,
            key,
            policy = ?self.key_reuse,
            "an idempotency key came again with other `event_data`"
        );
        match self.key_reuse {
            KeyReuse::Answer => record.answer.into(),
            KeyReuse::Refuse => Answer::error(
                StatusCode::CONFLICT,
                "idempotency_key_reused",
                "This idempotency key was answered before, for other event_data",
            ),
        }
    }
}

impl Once {
    pub(super) fn new(store: impl IdempotencyStore) -> Self {
        Self { store: Arc::new(store), flights: Flights::default() }
    }

    /// What was answered to this key, if anything.
    pub(super) async fn answered_before(&self, asked: &Asked) -> Option<Answer> {
        match self.store.lookup(&asked.claim.key).await {
            Ok(record) => record.map(|record| asked.again(record)),
            Err(error) => Some(unavailable(&error)),
        }
    }
}

/// Answers an event that bears a key: by the handler, or as before.
///
/// No `async fn`: each way has a future of its own size, and only the one that is taken is made.
pub(super) fn answer<H: Start>(
    once: Once,
    asked: Asked,
    call: Call<H>,
) -> Either<ToTheEnd<impl Future<Output = Answer> + Send + 'static>, AnswerFuture> {
    let Once { store, flights } = once;
    match flights.board(&asked.claim.key) {
        Boarding::Lead(lead) => Attempt { store, asked, lead }.run(call),
        Boarding::Follow(follow) => Either::Right(Box::pin(after(follow, store, asked, call))),
    }
}

/// Waits for another attempt, and makes one where that comes to nothing.
async fn after<H: Start>(mut follow: Follow, store: Arc<dyn IdempotencyStore>, asked: Asked, call: Call<H>) -> Answer {
    let lead = loop {
        match follow.landed().await {
            Ok(record) => return asked.again(record),
            Err(flights) => match flights.board(&asked.claim.key) {
                Boarding::Lead(lead) => break lead,
                Boarding::Follow(next) => follow = next,
            },
        }
    };
    Attempt { store, asked, lead }.run(call).await
}

/// Answers an event that bears no key with a handler that wants a transaction all the same.
pub(super) async fn answer_without_key<H: Start>(once: Once, mut call: Call<H>) -> Answer {
    let mut transaction = match once.store.begin(None).await {
        Ok(Claimed::Mine(transaction)) => transaction,
        Ok(Claimed::Answered(_) | Claimed::InFlight) => {
            return unavailable(&StoreError::new("a transaction without a key was answered as if it had one"));
        }
        Err(error) => return unavailable(&error),
    };
    transaction.lend(&mut call.parts.extensions);
    let handled = call.run().await;
    let ended = match handled.outcome {
        Outcome::Accepted => transaction.commit(&StoredAnswer::from(&handled.answer)).await,
        Outcome::Refused | Outcome::Failed => transaction.rollback().await,
    };
    match (ended, handled.outcome) {
        (Err(error), Outcome::Accepted) => unavailable(&error),
        (Err(error), Outcome::Refused | Outcome::Failed) => {
            tracing::warn!(%error, "a rollback failed; the database will do it by itself");
            handled.answer
        }
        (Ok(()), _) => handled.answer,
    }
}

/// The one attempt of this process at a key.
struct Attempt {
    store: Arc<dyn IdempotencyStore>,
    asked: Asked,
    lead: Lead,
}

impl Attempt {
    fn run<H: Start>(
        self,
        call: Call<H>,
    ) -> Either<ToTheEnd<impl Future<Output = Answer> + Send + 'static>, AnswerFuture> {
        if call.entry.transaction.is_some() {
            return Either::Right(Box::pin(self.in_transaction(call)));
        }
        // So that a client that hangs up does not leave a claim without an end.
        Either::Left(ToTheEnd::new(self.under_lease(call)))
    }

    /// Claim, writes and answer in one commit. Dropped at any point, it undoes them.
    fn in_transaction<H: Start>(mut self, mut call: Call<H>) -> impl Future<Output = Answer> + Send + 'static {
        async move {
            let mut pause = Pause::default();
            let mut transaction = loop {
                match self.store.begin(Some(&self.asked.claim)).await {
                    Ok(Claimed::Mine(transaction)) => break transaction,
                    Ok(Claimed::Answered(record)) => return self.answered_elsewhere(record),
                    Ok(Claimed::InFlight) => pause.wait().await,
                    Err(error) => return unavailable(&error),
                }
            };
            transaction.lend(&mut call.parts.extensions);
            let handled = call.run().await;
            let answer = StoredAnswer::from(&handled.answer);
            let ended = match handled.outcome {
                Outcome::Accepted => transaction.commit(&answer).await.map(Claimed::Mine),
                Outcome::Refused => transaction.refuse(&answer).await,
                Outcome::Failed => {
                    if let Err(error) = transaction.rollback().await {
                        tracing::warn!(%error, "a rollback failed; the database will do it by itself");
                    }
                    return handled.answer;
                }
            };
            match ended {
                Ok(Claimed::Mine(())) => {
                    self.lead.land(Record::new(self.asked.claim.fingerprint, answer));
                    handled.answer
                }
                Ok(Claimed::Answered(record)) => self.answered_elsewhere(record),
                Ok(Claimed::InFlight) => not_now(),
                Err(error) => unavailable(&error),
            }
        }
    }

    /// Claim, then the handler, then the answer, each durable by itself.
    fn under_lease<H: Start>(mut self, call: Call<H>) -> impl Future<Output = Answer> + Send + 'static {
        async move {
            let deadline = Instant::from_std(self.asked.claim.deadline);
            let lease = self.asked.claim.lease;
            // A lease counts from no earlier than the delivery came, one timeout before the deadline.
            let mut lapses = deadline + lease / TIMEOUTS_PER_LEASE * (TIMEOUTS_PER_LEASE - 1);
            let mut pause = Pause::default();
            loop {
                match within(deadline, self.store.claim(&self.asked.claim)).await {
                    Ok(Ok(Claimed::Mine(()))) => break,
                    Ok(Ok(Claimed::Answered(record))) => return self.answered_elsewhere(record),
                    Ok(Ok(Claimed::InFlight)) if Instant::now() < deadline => {
                        pause.wait().await;
                        lapses = Instant::now() + lease;
                    }
                    Ok(Ok(Claimed::InFlight)) => return not_now(),
                    Ok(Err(error)) => return unavailable(&error),
                    // Whether it was made is not known: it lapses, or this frees it.
                    Err(_) => return self.release_after(not_now()).await,
                }
            }
            let entry = call.entry;
            let handled = within(deadline, pin!(call.run())).await;
            let Ok(handled) = handled else {
                return self.release_after(too_slow(entry)).await;
            };
            match handled.outcome {
                Outcome::Accepted | Outcome::Refused => self.complete(handled.answer, lapses).await,
                Outcome::Failed => self.release_after(handled.answer).await,
            }
        }
    }

    /// Keeps the answer, trying for as long as the claim holds: the effect is there already.
    async fn complete(&mut self, answer: Answer, lapses: Instant) -> Answer {
        let stored = StoredAnswer::from(&answer);
        let mut pause = Pause::default();
        loop {
            // A store that does not answer must not hold up those who wait for this attempt.
            let kept = within(lapses, self.store.complete(&self.asked.claim, &stored)).await;
            match kept.unwrap_or_else(|_| Err(StoreError::new("the store did not answer before the claim lapsed"))) {
                Ok(true) => {
                    self.lead.land(Record::new(self.asked.claim.fingerprint, stored));
                    return answer;
                }
                Ok(false) => {
                    tracing::error!(claim = ?self.asked.claim, "a claim lapsed before its answer was kept");
                    return not_now();
                }
                Err(error) if Instant::now() + pause.0 < lapses => {
                    tracing::warn!(%error, "an answer could not be kept yet");
                    pause.wait().await;
                }
                Err(error) => return unavailable(&error),
            }
        }
    }

    async fn release_after(&self, answer: Answer) -> Answer {
        let lease = self.asked.claim.lease;
        let released = timeout(lease, self.store.release(&self.asked.claim)).await;
        if let Err(error) = released.unwrap_or_else(|_| Err(StoreError::new("the store did not answer"))) {
            tracing::warn!(%error, ?lease, "a claim could not be released; it lapses with its lease");
        }
        answer
    }

    fn answered_elsewhere(&mut self, record: Record) -> Answer {
        self.lead.land(record.clone());
        self.asked.again(record)
    }
}

/// Longer from time to time, for asking a store again.
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

#[cold]
fn unavailable(error: &StoreError) -> Answer {
    tracing::error!(%error, "the idempotency store failed");
    not_now()
}
