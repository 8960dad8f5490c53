//! The handle by which an operator steers an endpoint while it runs.

use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::{MissedTickBehavior, interval, sleep};

use super::store::Once;
use crate::control::{Gates, Ring, SecretStatus};
use crate::later::Queue;
use crate::pattern::{covers, nearest};
use crate::signature::Secrets;

/// How often [`Control::drained`] looks.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Steers an endpoint while it runs: secrets, maintenance, drain, health.
///
/// [`Webhooks::control`](crate::Webhooks::control) gives it. Clones steer the same endpoint, and so do those of the
/// endpoint itself.
///
/// ```
/// # use aghanim_hooks::{Secret, Webhooks, webhook, webhooks};
/// # use aghanim_hooks::events::ItemAdd;
/// # #[webhook("item.add")]
/// # async fn grant(_event: ItemAdd) {}
/// use std::time::Duration;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let secret = Secret::new("whsec_4f1c9d0a77b2e8d6")?;
/// let hooks: Webhooks = Webhooks::new(secret, webhooks![grant]);
/// let control = hooks.control();
///
/// // Maintenance of the inventory: purchases are sent again later.
/// control.pause("item.*", Duration::from_secs(30))?;
/// assert_eq!(control.paused(), ["item.*"]);
/// control.resume("item.*");
///
/// // A new secret, while the old one is still accepted.
/// let new = Secret::new("whsec_90d1b3c55e7fa284")?;
/// # let old = Secret::new("whsec_4f1c9d0a77b2e8d6")?;
/// control.replace_secrets(aghanim_hooks::signature::Secrets::new(new).or(old));
/// assert_eq!(control.secrets().len(), 2);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Control(pub(super) Arc<Shared>);

/// The part of an endpoint that changes while it runs.
pub(super) struct Shared {
    pub(super) ring: Ring,
    pub(super) gates: Gates,
    /// The patterns of the handlers.
    patterns: Vec<&'static str>,
    /// When an event was last taken, in Unix seconds; 0 for never.
    last_success: AtomicU64,
    /// The endpoint's store, for the health check.
    once: Mutex<Option<Once>>,
    /// The engine of `later` handlers, for the number of its jobs.
    later: Mutex<Option<Arc<dyn Queue>>>,
}

impl Shared {
    pub(super) fn new(secrets: Secrets, patterns: Vec<&'static str>) -> Self {
        Self {
            ring: Ring::new(secrets),
            gates: Gates::default(),
            patterns,
            last_success: AtomicU64::new(0),
            once: Mutex::default(),
            later: Mutex::default(),
        }
    }

    /// Makes the same state for another endpoint, which then changes independently.
    pub(super) fn fork(&self) -> Self {
        Self {
            ring: self.ring.fork(),
            gates: Gates::default(),
            patterns: self.patterns.clone(),
            last_success: AtomicU64::new(0),
            once: Mutex::new(self.once()),
            later: Mutex::new(self.later()),
        }
    }

    pub(super) fn set_once(&self, once: Once) {
        *self.once.lock().unwrap_or_else(PoisonError::into_inner) = Some(once);
    }

    pub(super) fn once(&self) -> Option<Once> {
        self.once.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(super) fn set_later(&self, later: Arc<dyn Queue>) {
        *self.later.lock().unwrap_or_else(PoisonError::into_inner) = Some(later);
    }

    pub(super) fn later(&self) -> Option<Arc<dyn Queue>> {
        self.later.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes that an event was taken at this time.
    pub(super) fn succeeded(&self, now: SystemTime) {
        let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        // Written once a second at most: processors share what is only read.
        if self.last_success.load(Ordering::Relaxed) != seconds {
            self.last_success.store(seconds, Ordering::Relaxed);
        }
    }

    pub(super) fn last_success(&self) -> Option<SystemTime> {
        match self.last_success.load(Ordering::Relaxed) {
            0 => None,
            seconds => Some(UNIX_EPOCH + Duration::from_secs(seconds)),
        }
    }
}

impl Control {
    /// The valid secrets, with the time of their last use. An old secret that is idle can be removed.
    #[must_use]
    pub fn secrets(&self) -> Vec<SecretStatus> {
        self.0.ring.status()
    }

    /// Replaces all valid secrets. Requests that are being verified at this moment finish with the old ones.
    ///
    /// Takes a [`Secret`](crate::Secret), or [`Secrets`] to keep an old one valid for a while.
    pub fn replace_secrets(&self, secrets: impl Into<Secrets>) {
        let before = self.secrets();
        self.0.ring.replace(&secrets.into());
        let after = self.secrets();
        let changed = before.len() != after.len()
            || before.iter().zip(&after).any(|(before, after)| before.fingerprint != after.fingerprint);
        if changed {
            let fingerprints = |secrets: &[SecretStatus]| {
                secrets.iter().map(|secret| secret.fingerprint.clone()).collect::<Vec<_>>().join(", ")
            };
            tracing::info!(before = fingerprints(&before), after = fingerprints(&after), "the secrets were replaced");
        }
    }

    /// Asks a source for the secrets from time to time, for ever. Spawn it as a task.
    ///
    /// The source is a function of yours that reads a file, or asks a store of secrets. When it fails, the valid secrets
    /// stay, and the error is logged.
    ///
    /// ```no_run
    /// # use aghanim_hooks::{Secret, Webhooks, signature::Secrets, webhook, webhooks};
    /// # use aghanim_hooks::events::ItemAdd;
    /// # #[webhook("item.add")]
    /// # async fn grant(_event: ItemAdd) {}
    /// use std::time::Duration;
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let path = "/run/secrets/aghanim";
    /// let hooks: Webhooks = Webhooks::new(Secrets::from_file(path)?, webhooks![grant]);
    /// let control = hooks.control();
    /// tokio::spawn(async move {
    ///     control.refresh_secrets(Duration::from_secs(10), async || Secrets::from_file(path)).await;
    /// });
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    /// Panics if `every` is zero.
    pub async fn refresh_secrets<F, R, E>(&self, every: Duration, mut source: F)
    where
        F: FnMut() -> R,
        R: Future<Output = Result<Secrets, E>>,
        E: fmt::Display,
    {
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match source().await {
                Ok(secrets) => self.replace_secrets(secrets),
                Err(error) => tracing::error!(%error, "new secrets were refused; the old ones stay valid"),
            }
        }
    }

    /// Answers the events of this pattern with 503 and `Retry-After`, until [`resume`](Self::resume).
    ///
    /// Takes an event's name, or a pattern such as `item.*` or `*`. Deliveries that are being handled are finished.
    /// Events are still authenticated, and strangers are still refused. A pattern that is paused already gets the new
    /// time.
    ///
    /// Aghanim sends the events again by its own schedule, which is not documented: keep pauses short. An event that was
    /// answered before is paused too, and gets its answer after the pause.
    ///
    /// # Errors
    /// Returns [`UnknownPattern`] if no handler takes an event of this pattern, since that is most likely misspelt.
    pub fn pause(&self, pattern: &str, retry_after: Duration) -> Result<(), UnknownPattern> {
        let handled = |handler: &&str| covers(handler, pattern) || covers(pattern, handler);
        if !self.0.patterns.iter().any(handled) {
            let nearest = nearest(&self.0.patterns, pattern);
            return Err(UnknownPattern { pattern: pattern.to_owned(), nearest });
        }
        self.0.gates.pause(pattern, retry_after);
        tracing::warn!(pattern, ?retry_after, "events are paused");
        Ok(())
    }

    /// Ends the pause of a pattern. False if it was not paused.
    pub fn resume(&self, pattern: &str) -> bool {
        let was_paused = self.0.gates.resume(pattern);
        if was_paused {
            tracing::info!(pattern, "events are no longer paused");
        }
        was_paused
    }

    /// The patterns that are paused.
    #[must_use]
    pub fn paused(&self) -> Vec<String> {
        self.0.gates.paused()
    }

    /// Refuses new deliveries from now on, with 503 and `Retry-After`, because the process is being stopped.
    ///
    /// `/ready` answers 503 from then on. Deliveries that are being handled are finished: wait with
    /// [`drained`](Self::drained), and with the server's own graceful shutdown. It cannot be undone.
    pub fn drain(&self) {
        self.0.gates.drain();
        tracing::info!("draining: new deliveries are refused");
    }

    /// True once [`drain`](Self::drain) was called.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.gates.draining()
    }

    /// Waits until no event with a key is being handled, including those whose client has hung up.
    ///
    /// A handler without `Tx` is finished when its client hangs up, in a task that no server waits for. Call this after
    /// the server has stopped, within a bound of your own, before the runtime is dropped.
    pub async fn drained(&self) {
        while self.0.once().is_some_and(|once| once.is_busy()) {
            sleep(LOOK_AGAIN).await;
        }
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control")
            .field("secrets", &self.ring.status())
            .field("draining", &self.gates.draining())
            .field("paused", &self.gates.paused())
            .field("last_success", &self.last_success())
            .finish_non_exhaustive()
    }
}

/// A pattern that no handler of the endpoint takes.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownPattern {
    /// The pattern.
    pub pattern: String,
    /// A pattern of the handlers that was probably meant.
    pub nearest: Option<&'static str>,
}

impl fmt::Display for UnknownPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no handler takes `{}`", self.pattern)?;
        match self.nearest {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}

/// The text of `Display`, since `main` prints an error that it returns with `Debug`.
impl fmt::Debug for UnknownPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for UnknownPattern {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;
    use crate::logged::logged;

    fn secret(text: &str) -> Secret {
        Secret::new(format!("{text}, of sixteen bytes")).unwrap()
    }

    fn control() -> Control {
        Control(Arc::new(Shared::new(secret("first").into(), vec!["item.add"])))
    }

    #[test]
    fn the_log_says_when_the_secrets_change_and_not_when_they_are_read_again() {
        let control = control();
        assert_eq!(logged(|| control.replace_secrets(secret("first"))).len(), 0);
        let lines = logged(|| control.replace_secrets(secret("second")));
        assert!(lines.len() == 1 && lines[0].contains("the secrets were replaced"), "{lines:?}");
        let both = || Secrets::new(secret("second")).or(secret("third"));
        assert_eq!(logged(|| control.replace_secrets(both())).len(), 1, "one more");
        assert_eq!(logged(|| control.replace_secrets(both())).len(), 0);
    }

    #[test]
    fn pauses_and_the_drain_can_be_asked_for() {
        let control = control();
        assert!(control.paused().is_empty() && !control.is_draining());
        control.pause("item.*", Duration::from_secs(1)).unwrap();
        assert_eq!(control.paused(), ["item.*"]);
        control.drain();
        assert!(control.is_draining());
    }
}
