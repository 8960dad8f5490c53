//! The health of an endpoint: is it alive, and is it ready for deliveries?

use axum::routing::get;

use super::control::Control;
use crate::control::{Readiness, StoreHealth};

impl Control {
    /// Checks if deliveries can be handled. Takes two seconds at most.
    ///
    /// The store is asked once a second at most, however often this is called.
    pub async fn readiness(&self) -> Readiness {
        let shared = &self.0;
        let draining = shared.gates.draining();
        let once = shared.once();
        let store = match &once {
            Some(once) => once.health().await,
            None => StoreHealth::None,
        };
        Readiness {
            ready: !draining && store != StoreHealth::Down,
            draining,
            store,
            connections: once.and_then(|once| once.store.connections()),
            last_success: shared.last_success(),
            paused: shared.gates.paused(),
        }
    }

    /// Checks the health, and records it as gauges with the `metrics` facade: call it from time to time, in a task.
    ///
    /// `Metrics::TABLE` lists the gauges. They are what the dashboard shows about secrets, store, pauses, drain and jobs.
    #[cfg(feature = "metrics")]
    pub async fn record_metrics(&self) {
        crate::observer::record_gauges(&self.readiness().await, &self.secrets());
        match self.jobs().await {
            None => {}
            Some(Ok(depth)) => crate::observer::record_jobs(&depth),
            Some(Err(error)) => tracing::warn!(%error, "the jobs of `later` handlers could not be counted"),
        }
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
