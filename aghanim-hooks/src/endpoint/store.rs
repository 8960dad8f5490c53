//! The idempotency store of an endpoint, and the keys that the endpoint works on at the moment.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::flight::{Flights, Joined};
use crate::control::StoreHealth;
use crate::idempotency::{IdempotencyStore, Key};

/// The time within which the store must answer a health check.
const BOUND: Duration = Duration::from_secs(2);

/// How long the result of a health check is used again. A stranger who asks often must not keep the store busy.
const FRESH: Duration = Duration::from_secs(1);

/// A store, and the keys that this endpoint works on at the moment. Clones share both.
#[derive(Debug, Clone)]
pub(super) struct Once {
    pub(super) store: Arc<dyn IdempotencyStore>,
    flights: Flights,
    /// The last health check.
    checked: Arc<Mutex<Option<(Instant, StoreHealth)>>>,
}

impl Once {
    pub(super) fn new(store: impl IdempotencyStore) -> Self {
        Self { store: Arc::new(store), flights: Flights::default(), checked: Arc::default() }
    }

    pub(super) fn join(&self, key: &Key) -> Joined {
        self.flights.join(key)
    }

    /// True if an attempt at some key is being made.
    pub(super) fn is_busy(&self) -> bool {
        self.flights.are_some()
    }

    /// Checks that the store answers. It is asked once a second at most.
    pub(super) async fn health(&self) -> StoreHealth {
        // Held while the store is asked, so that there is one question at a time.
        let mut checked = self.checked.lock().await;
        if let Some((at, health)) = *checked
            && at.elapsed() < FRESH
        {
            return health;
        }
        let health = self.ask().await;
        *checked = Some((Instant::now(), health));
        health
    }

    async fn ask(&self) -> StoreHealth {
        let began = Instant::now();
        // Every store can look up a key that does not exist.
        let key = Key::new("", false, "aghanim-hooks.health", "");
        match timeout(BOUND, self.store.lookup(&key)).await {
            Ok(Ok(_)) => StoreHealth::Up { took: began.elapsed() },
            Ok(Err(error)) => {
                tracing::error!(%error, "the health check of the idempotency store failed");
                StoreHealth::Down
            }
            Err(_) => {
                tracing::error!(bound = ?BOUND, "the idempotency store did not answer the health check in time");
                StoreHealth::Down
            }
        }
    }
}
