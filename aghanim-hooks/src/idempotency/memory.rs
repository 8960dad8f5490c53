use std::collections::VecDeque;
use std::collections::hash_map::{Entry, OccupiedEntry};
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
    /// Answers in the order in which they were kept, for forgetting the oldest.
    answered: VecDeque<(Instant, Digest)>,
    /// Whether it has been said that it is full.
    warned: bool,
}

enum State {
    Claimed { owner: Owner, until: Instant },
    Answered(Record),
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
        let mut kept = self.kept();
        kept.forget_older_than(self.retention, now);
        let mine = State::Claimed { owner: claim.owner, until: now + claim.lease };
        if let Entry::Occupied(mut state) = kept.keys.entry(*claim.key.digest()) {
            return Ok(match state.get() {
                State::Answered(record) => Claimed::Answered(record.clone()),
                State::Claimed { until, .. } if *until > now => Claimed::InFlight,
                State::Claimed { .. } => {
                    state.insert(mine);
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
        while let Some((since, digest)) = self.answered.front()
            && now.duration_since(*since) > retention
        {
            self.keys.remove(digest);
            self.answered.pop_front();
        }
    }

    /// Drops the oldest answer, else claims that have lapsed.
    fn make_room(&mut self, now: Instant) -> Result<(), StoreError> {
        let Some((since, digest)) = self.answered.pop_front() else {
            let before = self.keys.len();
            self.keys.retain(|_, state| !matches!(state, State::Claimed { until, .. } if *until <= now));
            if self.keys.len() < before {
                return Ok(());
            }
            return Err(StoreError::new(
                "the `MemoryStore` is full of events in flight: raise `MemoryStore::capacity`",
            ));
        };
        self.keys.remove(&digest);
        if !std::mem::replace(&mut self.warned, true) {
            tracing::warn!(
                after_seconds = now.duration_since(since).as_secs(),
                "the `MemoryStore` is full and forgets answers before their time: raise `MemoryStore::capacity`, \
                 or use a database"
            );
        }
        Ok(())
    }

    /// The state of a claim's key, while its owner holds it.
    fn held(&mut self, claim: &Claim) -> Option<OccupiedEntry<'_, Digest, State>> {
        match self.keys.entry(*claim.key.digest()) {
            Entry::Occupied(state) if matches!(state.get(), State::Claimed { owner, .. } if *owner == claim.owner) => {
                Some(state)
            }
            _ => None,
        }
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
        let found = match self.kept().keys.get(key.digest()) {
            Some(State::Answered(record)) => Some(record.clone()),
            _ => None,
        };
        Box::pin(async { Ok(found) })
    }

    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, StoreError>> {
        Box::pin(async { self.claim(claim) })
    }

    fn complete<'a>(&'a self, claim: &'a Claim, answer: &'a StoredAnswer) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async {
            let mut kept = self.kept();
            let Some(mut state) = kept.held(claim) else { return Ok(false) };
            state.insert(State::Answered(Record::new(claim.fingerprint, answer.clone())));
            kept.answered.push_back((Instant::now(), *claim.key.digest()));
            Ok(true)
        })
    }

    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async {
            if let Some(state) = self.kept().held(claim) {
                state.remove();
            }
            Ok(())
        })
    }
}
