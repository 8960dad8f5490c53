use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::Request;
use axum::handler::Handler;
use axum::response::Response;

use super::check::{self, ConfigError};
use super::control::{Control, Shared};
use super::handlers::Handlers;
use super::memory_budget::Budget;
use super::serve::serve;
use super::settings::{LONGEST_TIMEOUT, Settings, UnknownEvents};
use super::store::Once;
use crate::control::{ConcurrencyLimit, SecretStatus};
use crate::environment::{Environment, Limit, Otherwise};
use crate::handler::AnyState;
use crate::idempotency::{IdempotencyStore, KeyReuse};
use crate::later::Policy;
use crate::observer::Observer;
use crate::signature::{Secret, Secrets, Tolerance};

/// The default limit of a body, in bytes. Bodies have a few kilobytes; their limit is not documented.
const DEFAULT_BODY_LIMIT: usize = 1024 * 1024;

/// The default limit of all unauthenticated bodies together, in bytes.
const DEFAULT_UNVERIFIED_LIMIT: usize = 64 * 1024 * 1024;

/// The default timeout. How long Aghanim waits is not documented; most senders of webhooks wait ten seconds.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// An endpoint for Aghanim's webhooks, to mount on axum like any other handler.
///
/// ```
/// use aghanim_hooks::{Rejection, Secret, Webhooks, webhook, webhooks};
/// use aghanim_hooks::events::{Player, PlayerVerify};
/// use axum::Router;
/// use axum::routing::post;
///
/// #[webhook("player.verify")]
/// async fn verify(event: PlayerVerify) -> Result<Player, Rejection> {
///     Err(Rejection::deny("not_found", "no such player"))
/// }
///
/// # fn main() -> Result<(), aghanim_hooks::signature::SecretError> {
/// let secret = Secret::new("whsec_4f1c9d0a77b2e8d6")?;
/// let app: Router = Router::new().route("/webhook", post(Webhooks::new(secret, webhooks![verify])));
/// # Ok(())
/// # }
/// ```
///
/// # Answers
///
/// | Status | When | Decided by |
/// |---|---|---|
/// | 200 | a handler answered, in its event's own shape | Aghanim's documentation |
/// | 400 | malformed JSON, a missing field or one of another type, or an event type without a handler | Aghanim's documentation |
/// | 403 | no valid signature: headers missing, doubled or malformed, another secret, other bytes, or outside the time window. The body is the same for all of them | Aghanim's documentation |
/// | 408 | the body did not arrive within the [timeout](Self::timeout) | our choice |
/// | 409 | a key came again with other data, and [`KeyReuse::Refuse`] is set | our choice |
/// | 413 | a body over the [limit](Self::body_limit) | our choice |
/// | 415 | properly signed, but not `application/json`, or compressed | our choice |
/// | 400, code `wrong_environment` | an event from the other [environment](Environment) | our choice |
/// | 4xx, 5xx | a handler's [`Rejection`](crate::Rejection) | the handler |
/// | 500 | a handler failed or panicked: the message has the id under which the log has the cause | our choice |
/// | 503 | not answered within the [timeout](Self::timeout), the idempotency store failed, the event is [put off](Control), or unauthenticated bodies occupy the [memory](Self::unverified_limit); with `Retry-After` | our choice |
///
/// Nothing is parsed, looked up or stored for a request before its signature was checked. 408, 413 and this kind of 503
/// answer bodies that were not read to their end, and so could not be authenticated.
///
/// A signed request stays valid for 72 hours unless [`tolerance`](Self::tolerance) says otherwise. The idempotency store
/// makes a repetition harmless. It also covers granting events without a key: see [`replay_guard`](Self::replay_guard)
/// and [`require_key`](Self::require_key).
///
/// The signature covers the timestamp and the body. It does not cover the path, the query and the other headers: anyone
/// who has seen one signed request can send it again with others, and a handler's extractors would read those.
///
/// Limits on connections and on the time for a request's headers are the server's. `axum::serve` has none: serve with the
/// crate `aghanim-hooks-serve`, or put a proxy in front.
pub struct Webhooks<S = ()> {
    pub(super) settings: Arc<Settings>,
    pub(super) handlers: Handlers<S>,
    /// Set once the settings were found to fit each other. Clones share it.
    checked: Arc<OnceLock<()>>,
}

impl<S> Webhooks<S> {
    /// Creates an endpoint with a [`Secret`], or several [`Secrets`], and the handlers that
    /// [`webhooks!`](crate::webhooks) lists.
    #[must_use]
    pub fn new(secrets: impl Into<Secrets>, handlers: Handlers<S>) -> Self {
        let settings = Settings {
            shared: Arc::new(Shared::new(secrets.into(), handlers.events().collect())),
            body_limit: DEFAULT_BODY_LIMIT,
            unverified: Budget::new(DEFAULT_UNVERIFIED_LIMIT),
            unknown_events: UnknownEvents::default(),
            timeout: DEFAULT_TIMEOUT,
            once: None,
            key_reuse: KeyReuse::default(),
            key_required: Vec::new(),
            limit: None,
            both_environments: false,
            sandbox_flag_required: false,
            replay_guard: true,
            concurrency: Vec::new(),
            observer: None,
            later: None,
            deferred: Policy::new(),
        };
        Self { settings: Arc::new(settings), handlers, checked: Arc::default() }
    }

    /// Accepts a second secret too, while a webhook's secret is being replaced. Takes a [`Secret`], or an `Option` of one.
    ///
    /// Each secret costs one more HMAC over the body of every request. [`Secrets::from_env`] reads both from the
    /// environment.
    #[must_use]
    pub fn or_secret(self, secret: impl Into<Option<Secret>>) -> Self {
        self.with(|settings| settings.shared.ring.add(secret))
    }

    /// Sets how far a request's signed timestamp may be from this machine's clock.
    #[must_use]
    pub fn tolerance(self, tolerance: Tolerance) -> Self {
        self.with(|settings| settings.shared.ring.set_tolerance(tolerance))
    }

    /// Sets the longest body that is read, in bytes: 1 MiB by default. A longer one is answered with 413.
    #[must_use]
    pub fn body_limit(self, bytes: usize) -> Self {
        self.with(|settings| settings.body_limit = bytes)
    }

    /// Sets how many bytes the bodies of all requests may occupy while their signature is not checked yet: 64 MiB by
    /// default.
    ///
    /// Anyone can open connections and send bodies, so this bounds the memory that strangers occupy. Beyond it, a body is
    /// answered with 503 and `Retry-After`. The first 16 KiB of each body are not counted, so almost every event of
    /// Aghanim's is still read.
    #[must_use]
    pub fn unverified_limit(self, bytes: usize) -> Self {
        self.with(|settings| settings.unverified = Budget::new(bytes))
    }

    /// Sets the answer to event types without a handler.
    #[must_use]
    pub fn unknown_events(self, policy: UnknownEvents) -> Self {
        self.with(|settings| settings.unknown_events = policy)
    }

    /// Sets the time from the check of the signature to the answer: 10 seconds by default.
    ///
    /// It includes the wait for another attempt at the same key. Reading the body before it has the same time again.
    ///
    /// After it the handler is dropped at its current `.await`, its transaction is rolled back, and the answer is 503 with
    /// `Retry-After`. More than a day counts as a day.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        self.with(|settings| settings.timeout = timeout.min(LONGEST_TIMEOUT))
    }

    /// Sets the store, which makes each event with an idempotency key take effect once; see
    /// [`idempotency`](crate::idempotency).
    #[must_use]
    pub fn idempotency(self, store: impl IdempotencyStore) -> Self {
        self.with(|settings| {
            let once = Once::new(store);
            settings.shared.set_once(once.clone());
            settings.once = Some(once);
        })
    }

    /// Sets the answer to a key that comes again with other `event_data`.
    #[must_use]
    pub fn key_reuse(self, policy: KeyReuse) -> Self {
        self.with(|settings| settings.key_reuse = policy)
    }

    /// Refuses these events with 400 when their `idempotency_key` is absent, null or empty.
    ///
    /// Takes a name, or a pattern such as `item.*`. Without this, an event without a key reaches its handler each time it is
    /// delivered, except that the [replay guard](Self::replay_guard) stops exact repetitions.
    ///
    /// ```
    /// # use aghanim_hooks::{Secret, Webhooks, webhook, webhooks};
    /// # use aghanim_hooks::events::ItemAdd;
    /// # use aghanim_hooks::idempotency::MemoryStore;
    /// # #[webhook("item.add")]
    /// # async fn grant(_event: ItemAdd) {}
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let secret = Secret::new("whsec_4f1c9d0a77b2e8d6")?;
    /// let hooks: Webhooks =
    ///     Webhooks::new(secret, webhooks![grant]).idempotency(MemoryStore::new()).require_key("item.add");
    /// hooks.check()?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn require_key(self, event: impl Into<String>) -> Self {
        self.with(|settings| settings.key_required.push(event.into()))
    }

    /// Sets whether a granting event without an idempotency key takes effect once: true by default.
    ///
    /// It applies if a [store](Self::idempotency) is set, to the events that Aghanim documents with a key: `item.*`,
    /// `order.*`, `payment.*`, `subscription.*` and `coupon.redeemed`. The event id replaces the key; without an event id,
    /// the signature does. So a signed request that is captured and sent again within the time window is answered like a
    /// duplicate.
    #[must_use]
    pub fn replay_guard(self, guard: bool) -> Self {
        self.with(|settings| settings.replay_guard = guard)
    }

    /// Refuses events with 400 that do not say whether they come from the sandbox: `sandbox` is absent or null.
    ///
    /// Such an event counts as live by default, since the oldest documented samples have no `sandbox`.
    #[must_use]
    pub fn require_sandbox_flag(self) -> Self {
        self.with(|settings| settings.sandbox_flag_required = true)
    }

    /// Checks that the settings fit each other.
    ///
    /// The store must keep answers for at least as long as a signed request is accepted, handlers that take a `Tx` need a
    /// store of that database, and a key can be required only of events that have a handler.
    ///
    /// Mounting an endpoint on a router checks this too, and panics: see [`clone`](Self::clone).
    ///
    /// # Errors
    /// [`ConfigError`] says which setting to change.
    pub fn check(&self) -> Result<(), ConfigError> {
        check::check(&self.settings, &self.handlers)
    }

    /// Takes events from this environment only; see [`Environment`]. By default both are taken.
    #[must_use]
    pub fn only(self, environment: Environment, otherwise: Otherwise) -> Self {
        self.with(|settings| settings.limit = Some(Limit { only: environment, otherwise }))
    }

    /// Requires that each pattern with a handler for one environment has a handler for the other too.
    ///
    /// [`check`](Self::check) then fails for an `only = "live"` without its `only = "sandbox"`, and the reverse.
    #[must_use]
    pub fn require_both_environments(self) -> Self {
        self.with(|settings| settings.both_environments = true)
    }

    /// The patterns that have a handler, in the order of the list. Test that none was forgotten.
    pub fn events(&self) -> impl Iterator<Item = &'static str> + use<S> {
        self.handlers.events()
    }

    fn warn_of_weak_secrets(&self) {
        self.settings.shared.ring.warn_of_weak();
    }

    /// Limits how many events of a pattern are handled at once. More are answered with 503 and `Retry-After`.
    ///
    /// Takes a name, or a pattern such as `item.*`. An event must pass every limit whose pattern takes it. Waiting for
    /// another attempt at the same key counts too. Use it to keep slow events from taking the connections of others.
    #[must_use]
    pub fn concurrency(self, pattern: impl Into<String>, most: usize) -> Self {
        self.with(|settings| settings.concurrency.push(ConcurrencyLimit::new(pattern.into(), most)))
    }

    /// Sets the observer, which gets one report per request; see [`observer`](crate::observer).
    ///
    /// There is one: give a tuple for two.
    #[must_use]
    pub fn observer(self, observer: impl Observer) -> Self {
        self.with(|settings| settings.observer = Some(Arc::new(observer)))
    }

    /// The handle that steers this endpoint while it runs: secrets, maintenance, drain, health.
    #[must_use]
    pub fn control(&self) -> Control {
        Control(Arc::clone(&self.settings.shared))
    }

    /// The valid secrets, with the time of their last use. [`control`](Self::control) replaces them.
    #[must_use]
    pub fn secrets(&self) -> Vec<SecretStatus> {
        self.settings.shared.ring.status()
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        // A clone that is changed becomes an endpoint of its own.
        if Arc::get_mut(&mut self.settings).is_none() {
            let mut own = Settings::clone(&self.settings);
            own.shared = Arc::new(own.shared.fork());
            self.settings = Arc::new(own);
        }
        change(Arc::make_mut(&mut self.settings));
        self.checked = Arc::default();
        self
    }
}

/// Cloning checks the settings, because `post(hooks)` clones the endpoint as it mounts it.
///
/// `any(hooks)` does not clone it: the check then runs at the first connection, where a panic ends the server. With `any`,
/// call [`check`](Webhooks::check) before mounting.
///
/// # Panics
/// Panics if [`check`](Webhooks::check) finds an error, with its text.
impl<S> Clone for Webhooks<S> {
    fn clone(&self) -> Self {
        self.checked.get_or_init(|| {
            self.check().unwrap_or_else(|error| panic!("{error}"));
            self.warn_of_weak_secrets();
        });
        Self {
            settings: Arc::clone(&self.settings),
            handlers: self.handlers.clone(),
            checked: Arc::clone(&self.checked),
        }
    }
}

impl<S> fmt::Debug for Webhooks<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks")
            .field("settings", &self.settings)
            .field("handlers", &self.handlers)
            .finish_non_exhaustive()
    }
}

/// Every HTTP method is accepted: a webhook can be registered with `GET` too, and what such a delivery carries is not
/// documented. Mount the endpoint with `post(…)`, or with `on(…)` for both.
impl<S: AnyState + Clone> Handler<Webhooks<S>, S> for Webhooks<S> {
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, state: S) -> Self::Future {
        Box::pin(serve(request, state, self.settings, self.handlers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_a_mebibyte_unless_set_and_all_unverified_ones_sixty_four() {
        assert_eq!((DEFAULT_BODY_LIMIT, DEFAULT_UNVERIFIED_LIMIT), (1_048_576, 67_108_864));
    }
}
