//! The settings of `later` handlers, and the number of their jobs.

use std::time::Duration;

use tokio::time::timeout;

use super::control::Control;
use super::settings::LONGEST_TIMEOUT;
use super::webhooks::Webhooks;
use crate::idempotency::StoreError;
use crate::later::{Depth, Policy};
#[cfg(any(feature = "sqlite", feature = "postgres"))]
use crate::later::{Engine, TypedEngine};

/// The time that the count of jobs may take, as for the health check.
const COUNT_WITHIN: Duration = Duration::from_secs(2);

impl<S> Webhooks<S> {
    /// Sets the engine that keeps the jobs of `later` handlers; see [`later`](crate::later).
    ///
    /// It must be on the database of the store: a job, the idempotency key and the answer are one commit.
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    #[must_use]
    pub fn later<Db: sqlx::Database>(self, engine: impl Engine<Db>) -> Self {
        self.with(|settings| {
            let engine = std::sync::Arc::new(TypedEngine::new(engine));
            settings.shared.set_later(engine.clone());
            settings.later = Some(engine);
        })
    }

    /// Sets the number of attempts of `later` handlers before a job becomes a dead letter. At least 1.
    ///
    /// A handler's `later(attempts = …)` wins. Without both, the engine's default applies. A job keeps the number that was
    /// set when it was enqueued.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use aghanim_hooks::{Secret, Webhooks, webhook, webhooks};
    /// # use aghanim_hooks::events::Order;
    /// # #[webhook("order.paid", later)]
    /// # async fn book(_order: Order) {}
    /// # fn main() -> Result<(), aghanim_hooks::signature::SecretError> {
    /// # let secret = Secret::new("whsec_4f1c9d0a77b2e8d6")?;
    /// let hooks: Webhooks = Webhooks::new(secret, webhooks![book])
    ///     .later_attempts(8)
    ///     .later_timeout(Duration::from_secs(10))
    ///     .later_queue("shop");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn later_attempts(self, attempts: u32) -> Self {
        self.deferred(|policy| policy.attempts(attempts.max(1)))
    }

    /// Sets the time that one attempt of a `later` handler may take: from 1 ms to 24 h. Other values are clamped.
    ///
    /// A handler's `later(timeout = …)` wins. Without both, the engine's default applies. The timeout of a request is
    /// [`timeout`](Self::timeout).
    #[must_use]
    pub fn later_timeout(self, timeout: Duration) -> Self {
        self.deferred(|policy| policy.timeout(timeout.clamp(Duration::from_millis(1), LONGEST_TIMEOUT)))
    }

    /// Sets the engine's queue for `later` handlers.
    ///
    /// A handler's `later(queue = …)` wins. Without both, the engine's default applies. The name has at most 64 lowercase
    /// letters and digits, with single `_` or `-` between them; [`check`](Self::check) refuses another. A worker of this
    /// endpoint works this queue too.
    #[must_use]
    pub fn later_queue(self, queue: &'static str) -> Self {
        self.deferred(|policy| policy.queue(queue))
    }

    fn deferred(self, change: impl FnOnce(Policy) -> Policy) -> Self {
        self.with(|settings| settings.deferred = change(settings.deferred))
    }
}

impl Control {
    /// Counts the jobs of `later` handlers in each state, within two seconds. `None` if the endpoint has no engine.
    ///
    /// It counts all jobs of the engine's database, whichever instance enqueued them.
    /// [`record_metrics`](Self::record_metrics) records the numbers as gauges.
    ///
    /// # Errors
    /// Fails if the database fails, or does not answer within two seconds.
    pub async fn jobs(&self) -> Option<Result<Depth, StoreError>> {
        let later = self.0.later()?;
        let counted = timeout(COUNT_WITHIN, later.depth()).await;
        Some(counted.unwrap_or_else(|_| Err(StoreError::new("the engine did not count its jobs within two seconds"))))
    }
}
