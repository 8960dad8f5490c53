use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::Request;
use axum::handler::Handler;
use axum::response::Response;

use super::check::{self, ConfigError};
use super::handlers::Handlers;
use super::once::Once;
use super::serve::serve;
use super::settings::{Settings, UnknownEvents};
use crate::environment::{Environment, Limit, Otherwise};
use crate::handler::AnyState;
use crate::idempotency::{IdempotencyStore, KeyReuse};
use crate::signature::{Secret, Tolerance, Verifier};

/// The default limit of a body, in bytes. Bodies have a few kilobytes; their limit is not documented.
const DEFAULT_BODY_LIMIT: usize = 1024 * 1024;

/// The default timeout. How long Aghanim waits is not documented; most senders of webhooks wait ten seconds.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest timeout. Every clock and database can still represent it.
const LONGEST_TIMEOUT: Duration = Duration::from_hours(24);

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
/// | 415 | properly signed, but not `application/json` | our choice |
/// | 400, code `wrong_environment` | an event from the other [environment](Environment) | our choice |
/// | 4xx, 5xx | a handler's [`Rejection`](crate::Rejection) | the handler |
/// | 500 | a handler panicked | our choice |
/// | 503 | not answered within the [timeout](Self::timeout), or the idempotency store failed; with `Retry-After` | our choice |
///
/// Nothing is parsed, looked up or stored for a request before its signature was checked. 408 and 413 answer bodies that
/// were not read to their end, and so could not be authenticated.
///
/// The signature covers the timestamp and the body. It does not cover the path, the query and the other headers: anyone
/// who has seen one signed request can send it again with others, and a handler's extractors would read those.
///
/// Limits on connections and on the time for a request's headers are the server's. `axum::serve` has none: put a proxy in
/// front.
pub struct Webhooks<S = ()> {
    settings: Arc<Settings>,
    handlers: Handlers<S>,
    /// Set once the settings were found to fit each other. Clones share it.
    checked: Arc<OnceLock<()>>,
}

impl<S> Webhooks<S> {
    /// Creates an endpoint with a secret, and the handlers that [`webhooks!`](crate::webhooks) lists.
    #[must_use]
    pub fn new(secret: Secret, handlers: Handlers<S>) -> Self {
        let settings = Settings {
            verifier: Verifier::new(secret),
            body_limit: DEFAULT_BODY_LIMIT,
            unknown_events: UnknownEvents::default(),
            timeout: DEFAULT_TIMEOUT,
            once: None,
            key_reuse: KeyReuse::default(),
            key_required: Vec::new(),
            limit: None,
            both_environments: false,
        };
        Self { settings: Arc::new(settings), handlers, checked: Arc::default() }
    }

    /// Accepts a second secret too, while a webhook's secret is being replaced.
    ///
    /// Each secret costs one more MAC over the body of every request.
    #[must_use]
    pub fn or_secret(self, secret: Secret) -> Self {
        self.with(|settings| settings.verifier = settings.verifier.clone().or(secret))
    }

    /// Sets how far a request's signed timestamp may be from this machine's clock.
    #[must_use]
    pub fn tolerance(self, tolerance: Tolerance) -> Self {
        self.with(|settings| settings.verifier = settings.verifier.clone().tolerance(tolerance))
    }

    /// Sets the longest body that is read, in bytes: 1 MiB by default. A longer one is answered with 413.
    #[must_use]
    pub fn body_limit(self, bytes: usize) -> Self {
        self.with(|settings| settings.body_limit = bytes)
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

    /// Sets the store by which each event with an idempotency key takes effect once; see
    /// [`idempotency`](crate::idempotency).
    #[must_use]
    pub fn idempotency(self, store: impl IdempotencyStore) -> Self {
        self.with(|settings| settings.once = Some(Once::new(store)))
    }

    /// Sets the answer to a key that comes again with other `event_data`.
    #[must_use]
    pub fn key_reuse(self, policy: KeyReuse) -> Self {
        self.with(|settings| settings.key_reuse = policy)
    }

    /// Refuses these events with 400 when their `idempotency_key` is absent, null or empty.
    ///
    /// Takes a name, or a pattern such as `item.*`. Without this, an event without a key reaches its handler each time it is
    /// delivered.
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

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        // A clone that is changed becomes an endpoint of its own.
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
/// When [`check`](Webhooks::check) finds an error, with its text.
impl<S> Clone for Webhooks<S> {
    fn clone(&self) -> Self {
        self.checked.get_or_init(|| self.check().unwrap_or_else(|error| panic!("{error}")));
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
