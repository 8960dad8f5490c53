use std::collections::VecDeque;
use std::collections::hash_map::{Entry, HashMap};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{BoxFuture, Claim, Claimed, DEFAULT_RETENTION, IdempotencyStore, Key, Owner, Record};
use super::{StoreError, StoredAnswer};

/// Stores answers in this process's memory, for development and tests.
///
/// Its answers are lost when the process ends, and other processes do not see them. It has no transactions, so a handler
/// cannot take a `Tx`. When it is full, it removes the oldest answers in small batches, before their retention ends, and
/// logs a warning.
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

/// A key's [digest](Key::digest).
type Digest = [u8; 32];

#[derive(Default)]
struct Kept {
    claims: HashMap<Digest, Lease>,
    answers: HashMap<Digest, Record>,
    /// The keys in `answers` and the time of each answer, the oldest first.
    order: VecDeque<(Instant, Digest)>,
    /// True once the log says that the store is full.
    warned: bool,
}

/// A claim without an answer.
struct Lease {
    owner: Owner,
    until: Instant,
}

impl MemoryStore {
    /// The largest number of keys unless set: 100,000.
    pub const DEFAULT_CAPACITY: usize = 100_000;

    /// Returns an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self { retention: DEFAULT_RETENTION, capacity: Self::DEFAULT_CAPACITY, kept: Mutex::default() }
    }

    /// Sets the largest number of keys, at least 1.
    ///
    /// Deliveries wait while the store's table grows. The pause is longer the larger the table is.
    #[must_use]
    pub fn capacity(mut self, keys: usize) -> Self {
        self.capacity = keys.max(1);
        self
    }

    /// Sets how long answers are kept: [`DEFAULT_RETENTION`] unless set.
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
        while kept.oldest().is_some_and(|since| now.duration_since(since) > self.retention) {
            kept.remove_oldest();
        }
        if let Some(record) = kept.answers.get(claim.key.digest()) {
            return Ok(Claimed::Answered(record.clone()));
        }
        let lease = Lease { owner: claim.owner, until: now + claim.lease };
        let is_full = kept.claims.len() + kept.answers.len() >= self.capacity;
        match kept.claims.entry(*claim.key.digest()) {
            Entry::Occupied(held) if held.get().until > now => return Ok(Claimed::InFlight),
            Entry::Occupied(mut lapsed) => drop(lapsed.insert(lease)),
            Entry::Vacant(free) if !is_full => drop(free.insert(lease)),
            Entry::Vacant(_) => {
                kept.make_room(self.capacity, now)?;
                kept.claims.insert(*claim.key.digest(), lease);
            }
        }
        Ok(Claimed::Mine(()))
    }
}

impl Kept {
    /// The time of the oldest answer.
    fn oldest(&self) -> Option<Instant> {
        self.order.front().map(|(since, _)| *since)
    }

    fn remove_oldest(&mut self) {
        if let Some((_, digest)) = self.order.pop_front() {
            self.answers.remove(&digest);
        }
    }

    /// Stores an answer to a key that has none.
    fn answer(&mut self, digest: Digest, record: Record) {
        self.order.push_back((Instant::now(), digest));
        self.answers.insert(digest, record);
    }

    /// Removes the oldest answers or, if there are none, the leases that have lapsed.
    fn make_room(&mut self, capacity: usize, now: Instant) -> Result<(), StoreError> {
        let Some(since) = self.oldest() else {
            let before = self.claims.len();
            self.claims.retain(|_, lease| lease.until > now);
            if self.claims.len() < before {
                return Ok(());
            }
            return Err(StoreError::new(
                "the `MemoryStore` is full of events in flight: raise `MemoryStore::capacity`",
            ));
        };
        // A batch, so that a full store does not remove one for each delivery.
        for _ in 0..=capacity / 1024 {
            self.remove_oldest();
        }
        if !std::mem::replace(&mut self.warned, true) {
            tracing::warn!(
                after_seconds = now.duration_since(since).as_secs(),
                "the `MemoryStore` is full and removes answers before their retention ends: raise \
                 `MemoryStore::capacity`, or use a database"
            );
        }
        Ok(())
    }

    /// Removes a claim. False if its owner no longer holds it.
    fn release(&mut self, claim: &Claim) -> bool {
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
            let is_held = kept.release(claim);
            if is_held {
                kept.answer(*claim.key.digest(), Record::new(claim.fingerprint, answer.clone()));
            }
            Ok(is_held)
        })
    }

    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async {
            self.kept().release(claim);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::idempotency::Fingerprint;
    use crate::logged::logged;

    fn digest(n: u8) -> Digest {
        [n; 32]
    }

    fn record(n: u8) -> Record {
        let answer = StoredAnswer::new(200, b"application/json", vec![n]).unwrap();
        Record::new(Fingerprint::new(&[n]), answer)
    }

    #[test]
    fn removes_the_oldest_answer_and_no_other() {
        let mut kept = Kept::default();
        for n in 0..100 {
            kept.answer(digest(n), record(n));
            if n >= 10 {
                kept.remove_oldest();
            }
            let oldest = n.saturating_sub(9);
            for known in 0..=n {
                let expected = (known >= oldest).then(|| record(known));
                assert_eq!(kept.answers.get(&digest(known)), expected.as_ref(), "{known} of {n}");
            }
            assert_eq!(kept.order.len(), kept.answers.len());
        }
    }

    #[test]
    fn a_removed_key_can_be_answered_again() {
        let mut kept = Kept::default();
        kept.answer(digest(1), record(1));
        kept.remove_oldest();
        assert!(kept.oldest().is_none() && kept.answers.is_empty());
        kept.remove_oldest();
        kept.answer(digest(1), record(2));
        assert_eq!(kept.answers.get(&digest(1)), Some(&record(2)));
    }

    #[test]
    fn without_answers_only_lapsed_leases_make_room() {
        let until = Instant::now();
        let mut kept = Kept::default();
        kept.claims.insert(digest(1), Lease { owner: Owner::new(), until });
        let before = until.checked_sub(Duration::from_nanos(1)).unwrap();
        let full = kept.make_room(1, before).unwrap_err().to_string();
        assert!(full.contains("raise `MemoryStore::capacity`"), "{full}");
        assert_eq!(kept.claims.len(), 1);
        kept.make_room(1, until).unwrap();
        assert!(kept.claims.is_empty(), "a lease has lapsed when its time has come");
    }

    #[test]
    fn a_full_store_says_so_once() {
        let mut kept = Kept::default();
        let lines = logged(|| {
            for n in 0..3 {
                kept.answer(digest(n), record(n));
                kept.make_room(1, Instant::now()).unwrap();
            }
        });
        assert!(lines.len() == 1 && lines[0].contains("raise `MemoryStore::capacity`"), "{lines:?}");
    }
}
