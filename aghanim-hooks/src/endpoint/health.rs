//! The health of an endpoint: is it alive, and is it ready for deliveries?

use std::time::Duration;

use axum::routing::get;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::control::Control;
use crate::control::{Readiness, StoreHealth};
use crate::idempotency::Key;

/// The time within which the store must answer.
const BOUND: Duration = Duration::from_secs(2);

/// How long a result of a check is used again: a stranger who asks often must not keep the store busy.
const FRESH: Duration = Duration::from_secs(1);

/// The last check of the store.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<Option<(Instant, StoreHealth)>>);

impl Control {
    /// Checks if deliveries can be handled. Takes two seconds at most.
    ///
    /// The store is asked once a second at most, however often this is called.
    pub async fn readiness(&self) -> Readiness {
        let shared = &self.0;
        let draining = shared.gates.draining();
        let once = shared.once();
        let store = self.store_health().await;
        Readiness {
            ready: !draining && store != StoreHealth::Down,
            draining,
            store,
            connections: once.and_then(|once| once.store.connections()),
            last_success: shared.last_success(),
            paused: shared.gates.paused(),
        }
    }

    async fn store_health(&self) -> StoreHealth {
        let Some(once) = self.0.once() else { return StoreHealth::None };
        // Held while the store is asked, so that it is asked by one at a time.
        let mut last = self.0.health.0.lock().await;
        if let Some((asked, health)) = *last
            && asked.elapsed() < FRESH
        {
            return health;
        }
        let began = Instant::now();
        // Any store can look up a key that nobody has.
        let key = Key::new("", false, "aghanim-hooks.health", "");
        let health = match timeout(BOUND, once.store.lookup(&key)).await {
            Ok(Ok(_)) => StoreHealth::Up { took: began.elapsed() },
            Ok(Err(error)) => {
                tracing::error!(%error, "the health check of the idempotency store failed");
                StoreHealth::Down
            }
            Err(_) => {
                tracing::error!(bound = ?BOUND, "the idempotency store did not answer the health check in time");
                StoreHealth::Down
            }
        };
        *last = Some((Instant::now(), health));
        health
    }

    /// Checks the health, and records it as gauges with the `metrics` facade: call it from time to time, in a task.
    ///
    /// `Metrics::TABLE` lists the gauges. They are what the dashboard shows about secrets, store, pauses and drain.
    #[cfg(feature = "metrics")]
    pub async fn record_metrics(&self) {
        crate::observer::record_gauges(&self.readiness().await, &self.secrets());
    }

    /// A router with `/live` and `/ready`, for the probes of a platform or load balancer.
    ///
    /// `/live` answers 200 as long as the process can answer: restart it if it does not. `/ready` answers 200, or 503 while
    /// deliveries should go elsewhere, with a JSON of [`Readiness`]. It names no error: those are in the log.
    ///
    /// ```
    /// # use aghanim_hooks::{Secret, Webhooks, webhook, webhooks};
    /// # use aghanim_hooks::events::ItemAdd;
    /// # #[webhook("item.add")]
    /// # async fn grant(_event: ItemAdd) {}
    /// use axum::{Router, routing::post};
    ///
    /// # fn main() -> Result<(), aghanim_hooks::signature::SecretError> {
    /// # let secret = Secret::new("whsec_4f1c9d0a77b2e8d6")?;
    /// let hooks: Webhooks = Webhooks::new(secret, webhooks![grant]);
    /// let health = hooks.control().health_routes();
    /// let app: Router = Router::new().route("/webhook", post(hooks)).merge(health);
    /// # Ok(())
    /// # }
    /// ```
    pub fn health_routes<S: Clone + Send + Sync + 'static>(&self) -> axum::Router<S> {
        let control = self.clone();
        let ready = move || {
            let control = control.clone();
            async move { control.readiness().await.into_response() }
        };
        axum::Router::new().route("/live", get(async || "ok")).route("/ready", get(ready))
    }
}
