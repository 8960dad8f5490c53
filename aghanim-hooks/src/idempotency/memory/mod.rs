mod answers;

use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::digest::ByDigest;
use super::{BoxFuture, Claim, Claimed, DEFAULT_RETENTION, IdempotencyStore, Key, Owner, Record};
use super::{StoreError, StoredAnswer};
use answers::Answers;

/// Keeps answers in this process's memory: for development and tests.
///
/// It forgets everything when the process ends, knows nothing of other processes, and has no transactions, so a handler
/// can't take a `Tx`. It is bounded: beyond its capacity the oldest answer, or the oldest thousandth of them, is dropped
/// before its time, with a warning.
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
    /// What is on its way: few, so they stay in the processor's cache.
    claims: ByDigest<Held>,
    answers: Answers,
    /// Whether it has been said that it is full.
    warned: bool,
}

/// A claim that has no answer yet.
struct Held {
    owner: Owner,
    until: Instant,
}

impl MemoryStore {
    /// How many keys it holds unless told otherwise: 100 000.
    pub const DEFAULT_CAPACITY: usize = 100_000;

    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self { retention: DEFAULT_RETENTION, capacity: Self::DEFAULT_CAPACITY, kept: Mutex::default() }
    }

    /// Holds at most this many keys, at least one. It stands still while its table grows: 4 ms on the way to a hundred
    /// thousand, half a second on the way to ten million (`docs/performance.md`).
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
        if let Some(record) = kept.answers.get(claim.key.digest()) {
            return Ok(Claimed::Answered(record.clone()));
        }
        let mine = Held { owner: claim.owner, until: now + claim.lease };
        let is_full = kept.claims.len() + kept.answers.len() >= self.capacity;
        match kept.claims.entry(*claim.key.digest()) {
            Entry::Occupied(held) if held.get().until > now => return Ok(Claimed::InFlight),
            Entry::Occupied(mut held) => drop(held.insert(mine)),
            Entry::Vacant(free) if !is_full => drop(free.insert(mine)),
            Entry::Vacant(_) => {
                kept.make_room(self.capacity, now)?;
                kept.claims.insert(*claim.key.digest(), mine);
            }
        }
        Ok(Claimed::Mine(()))
    }
}

impl Kept {
    fn forget_older_than(&mut self, retention: Duration, now: Instant) {
        while self.answers.oldest().is_some_and(|since| now.duration_since(since) > retention) {
            self.answers.forget_oldest();
        }
    }

    /// Drops the oldest answers, else claims that have lapsed.
    fn make_room(&mut self, capacity: usize, now: Instant) -> Result<(), StoreError> {
        let Some(since) = self.answers.oldest() else {
            let before = self.claims.len();
            self.claims.retain(|_, held| held.until > now);
            if self.claims.len() < before {
                return Ok(());
            }
            return Err(StoreError::new(
                "the `MemoryStore` is full of events in flight: raise `MemoryStore::capacity`",
            ));
        };
        // Some at a time, so that the processor waits for all of them at once.
        for _ in 0..=capacity / 1024 {
            self.answers.forget_oldest();
        }
        if !std::mem::replace(&mut self.warned, true) {
            tracing::warn!(
                after_seconds = now.duration_since(since).as_secs(),
                "the `MemoryStore` is full and forgets answers before their time: raise `MemoryStore::capacity`, \
                 or use a database"
            );
        }
        Ok(())
    }

    /// Takes a claim out, and says whether its owner still held it.
    fn take(&mut self, claim: &Claim) -> bool {
        match self.claims.entry(*claim.key.digest()) {
            Entry::Occupied(held) if held.get().owner == claim.owner => {
                held.remove();
                true
            }
            Entry::Occupied(_) | Entry::Vacant(_) => false,
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
        let found = self.kept().answers.get(key.digest()).cloned();
        Box::pin(async { Ok(found) })
    }

    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, StoreError>> {
        Box::pin(async { self.claim(claim) })
    }

    fn complete<'a>(&'a self, claim: &'a Claim, answer: &'a StoredAnswer) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async {
            let kept = &mut *self.kept();
            if !kept.take(claim) {
                return Ok(false);
            }
            let record = Record::new(claim.fingerprint, answer.clone());
            kept.answers.push(Instant::now(), *claim.key.digest(), record);
            Ok(true)
        })
    }

    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async {
            self.kept().take(claim);
            Ok(())
        })
    }
}
