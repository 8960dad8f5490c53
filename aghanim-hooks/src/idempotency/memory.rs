use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::digest::{ByDigest, Digest};
use super::{BoxFuture, Claim, Claimed, DEFAULT_RETENTION, IdempotencyStore, Key, Owner, Record};
use super::{StoreError, StoredAnswer};

/// Keeps answers in this process's memory: for development and tests.
///
/// It forgets everything when the process ends, knows nothing of other processes, and has no transactions, so a handler
/// can't take a `Tx`. It is bounded: beyond its capacity the oldest answer is dropped before its time, with a warning.
///
/// ```
/// use aghanim_hooks::idempotency::MemoryStore;
/// use aghanim_hooks::{Secret, Webhooks, webhook, webhooks};
/// use aghanim_hooks::events::ItemAdd;
///
/// #[webhook("item.add")]
/// async fn grant(_event: ItemAdd) {}
///
/// # fn main() -> Result<(), aghanim_hooks::signature::SecretError> {
/// let secret = Secret::new("whsec_4f1c9d0a77b2e8d6")?;
/// let hooks: Webhooks = Webhooks::new(secret, webhooks![grant]).idempotency(MemoryStore::new());
/// # Ok(())
/// # }
/// ```
pub struct MemoryStore {
    retention: Duration,
    capacity: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    keys: ByDigest<State>,
    /// In the order in which they were kept, for forgetting the oldest.
    answers: VecDeque<Answered>,
    /// How many answers have been forgotten.
    forgotten: usize,
    /// Whether it has been said that it is full.
    warned: bool,
}

/// Small, since a key's place in a full store is in no cache.
enum State {
    Claimed {
        owner: Owner,
        until: Instant,
    },
    /// How many answers were kept before.
    Answered(usize),
}

struct Answered {
    since: Instant,
    digest: Digest,
    record: Record,
}

impl MemoryStore {
    /// How many keys it holds unless told otherwise: 100 000.
    pub const DEFAULT_CAPACITY: usize = 100_000;

    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self { retention: DEFAULT_RETENTION, capacity: Self::DEFAULT_CAPACITY, kept: Mutex::default() }
    }

    /// Holds at most this many keys, at least one.
    #[must_use]
    pub fn capacity(mut self, keys: usize) -> Self {
        self.capacity = keys.max(1);
        self
    }

    /// Keeps answers for this long: [`DEFAULT_RETENTION`] unless set.
    #[must_use]
    pub fn retention(mut self, retention: Duration) -> Self {
        self.retention = retention;
        self
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn claim(&self, claim: &Claim) -> Result<Claimed, StoreError> {
        let now = Instant::now();
        let kept = &mut *self.kept();
        kept.forget_older_than(self.retention, now);
        let mine = State::Claimed { owner: claim.owner, until: now + claim.lease };
        if let Some(state) = kept.keys.get_mut(claim.key.digest()) {
            return Ok(match *state {
                State::Answered(number) => Claimed::Answered(kept.answers[number - kept.forgotten].record.clone()),
                State::Claimed { until, .. } if until > now => Claimed::InFlight,
                State::Claimed { .. } => {
                    *state = mine;
                    Claimed::Mine(())
                }
            });
        }
        if kept.keys.len() >= self.capacity {
            kept.make_room(now)?;
        }
        kept.keys.insert(*claim.key.digest(), mine);
        Ok(Claimed::Mine(()))
    }
}

impl Kept {
    fn forget_older_than(&mut self, retention: Duration, now: Instant) {
        while self.answers.front().is_some_and(|oldest| now.duration_since(oldest.since) > retention) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) -> Option<Answered> {
        let oldest = self.answers.pop_front()?;
        self.forgotten += 1;
        self.keys.remove(&oldest.digest);
        Some(oldest)
    }

    /// Drops the oldest answer, else claims that have lapsed.
    fn make_room(&mut self, now: Instant) -> Result<(), StoreError> {
        let Some(oldest) = self.forget_oldest() else {
            let before = self.keys.len();
            self.keys.retain(|_, state| !matches!(state, State::Claimed { until, .. } if *until <= now));
            if self.keys.len() < before {
                return Ok(());
            }
            return Err(StoreError::new(
                "the `MemoryStore` is full of events in flight: raise `MemoryStore::capacity`",
            ));
        };
        if !std::mem::replace(&mut self.warned, true) {
            tracing::warn!(
                after_seconds = now.duration_since(oldest.since).as_secs(),
                "the `MemoryStore` is full and forgets answers before their time: raise `MemoryStore::capacity`, \
                 or use a database"
            );
        }
        Ok(())
    }

    /// What was answered to a key, if anything.
    fn answer(&self, digest: &Digest) -> Option<&Record> {
        match self.keys.get(digest)? {
            State::Answered(number) => Some(&self.answers[number - self.forgotten].record),
            State::Claimed { .. } => None,
        }
    }

    /// The state of a claim's key, while its owner holds it.
    fn held(&mut self, claim: &Claim) -> Option<&mut State> {
        let state = self.keys.get_mut(claim.key.digest())?;
        matches!(state, State::Claimed { owner, .. } if *owner == claim.owner).then_some(state)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("retention", &self.retention)
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

impl IdempotencyStore for MemoryStore {
    fn retention(&self) -> Duration {
        self.retention
    }

    fn lookup<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Record>, StoreError>> {
        let found = self.kept().answer(key.digest()).cloned();
        Box::pin(async { Ok(found) })
    }

    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, StoreError>> {
        Box::pin(async { self.claim(claim) })
    }

    fn complete<'a>(&'a self, claim: &'a Claim, answer: &'a StoredAnswer) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async {
            let kept = &mut *self.kept();
            let number = kept.forgotten + kept.answers.len();
            let Some(state) = kept.held(claim) else { return Ok(false) };
            *state = State::Answered(number);
            let record = Record::new(claim.fingerprint, answer.clone());
            kept.answers.push_back(Answered { since: Instant::now(), digest: *claim.key.digest(), record });
            Ok(true)
        })
    }

    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async {
            let mut kept = self.kept();
            if kept.held(claim).is_some() {
                kept.keys.remove(claim.key.digest());
            }
            Ok(())
        })
    }
}
