use std::sync::Arc;
use std::time::{Duration, Instant};

use aghanim_hooks::idempotency::{
    Claim, Fingerprint, IdempotencyStore as _, Key, MemoryStore, StoreError, StoredAnswer,
};
use aghanim_hooks_benches::{keyed, process};
use axum::Router;

use crate::{Error, Stock};

pub(crate) struct Memory {
    store: Arc<MemoryStore>,
    /// Resident before the first key, in MB.
    before: f64,
    filled: u64,
}

impl Memory {
    pub(crate) fn new() -> Self {
        let store = Arc::new(MemoryStore::new().capacity(usize::MAX));
        Self { store, before: process::memory(std::process::id()).0, filled: 0 }
    }
}

impl Stock for Memory {
    const NAME: &'static str = "MemoryStore";

    fn endpoints(&self) -> Vec<(&'static str, Router)> {
        vec![("lease", keyed::leased(self.store.clone()))]
    }

    async fn fill(&mut self, keys: u64) -> Result<String, Error> {
        let answer = StoredAnswer::new(200, b"application/json", &br#"{"status":"ok"}"#[..])?;
        let mut longest = Duration::ZERO;
        for i in self.filled..self.filled + keys {
            let key = Key::new("gm_exTAyxPsVwh", false, "item.add", format!("filled-{i}"));
            let lease = Duration::from_mins(1);
            let claim = Claim::new(key, Fingerprint::new(b"{}"), lease, Instant::now() + lease);
            let started = Instant::now();
            self.store.claim(&claim).await?;
            self.store.complete(&claim, &answer).await?;
            longest = longest.max(started.elapsed());
        }
        self.filled += keys;
        // All deliveries wait while the table grows.
        Ok(format!(", the longest took {:.1} ms", longest.as_secs_f64() * 1e3))
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few gigabytes")]
    async fn bytes(&self) -> Result<u64, Error> {
        Ok(((process::memory(std::process::id()).0 - self.before) * 1024.0 * 1024.0) as u64)
    }

    /// Nothing to do: each claim removes old answers.
    async fn add_old(&self, _keys: u64) -> Result<bool, Error> {
        Ok(false)
    }

    async fn prune(&self) -> Result<u64, StoreError> {
        Ok(0)
    }
}
