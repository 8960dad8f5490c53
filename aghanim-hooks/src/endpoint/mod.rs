mod body;
mod check;
mod deadline;
mod delivery;
mod once;
mod refusal;
mod serve;
mod to_the_end;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::Request;
use axum::handler::Handler;

pub use check::ConfigError;
pub use delivery::Delivery;
use once::Once;
use serve::Serve;

use crate::environment::{Environment, Limit, Otherwise};
use crate::handler::Handlers;
use crate::idempotency::{IdempotencyStore, KeyReuse};
use crate::signature::{Secret, Tolerance, Verifier};

/// Bodies are a few kilobytes; the limit is not documented, and this leaves room.
const DEFAULT_BODY_LIMIT: usize = 1024 * 1024;

/// After which time Aghanim gives up is not documented; ten seconds are what most senders of webhooks wait.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// Nobody waits longer, and every clock and database can still count it.
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
/// # What it answers
///
/// | Status | When | Decided by |
/// |---|---|---|
/// | 200 | a handler answered, in its event's own shape | Aghanim's documentation |
/// | 400 | malformed JSON, a missing field or one of another type, or an event type without a handler | Aghanim's documentation |
/// | 403 | no valid signature: missing, doubled or malformed headers, another secret, other bytes, outside the time window. One constant body for all | Aghanim's documentation |
/// | 408 | the body did not come within the [timeout](Self::timeout) | our choice |
/// | 409 | a key came again with other data, and [`KeyReuse::Refuse`] is set | our choice |
/// | 413 | a body over the [limit](Self::body_limit) | our choice |
/// | 415 | properly signed, but not `application/json` | our choice |
/// | 400, code `wrong_environment` | an event of an [environment](Environment) that is not taken here | our choice |
/// | 4xx, 5xx | a handler's [`Rejection`](crate::Rejection) | the handler |
/// | 500 | a handler panicked | our choice |
/// | 503 | not answered within the [timeout](Self::timeout), or the idempotency store failed; with `Retry-After` | our choice |
///
/// Nothing is parsed, looked up or stored for a request before its signature has been checked. 408 and 413 answer bodies
/// that can't be authenticated, since they were not read to their end.
///
/// What is signed is the timestamp and the body. A request's path, query and other headers are not: a handler that takes
/// them by an extractor takes them from whoever has seen one signed request.
///
/// Heads of requests are axum's and hyper's business: put a proxy that limits connections in front, as for any server.
pub struct Webhooks<S = ()> {
    endpoint: Arc<Endpoint<S>>,
}

/// What to answer to an event type that no handler takes. Aghanim adds event types over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum UnknownEvents {
    /// 400, as the documented handler does: the mistake shows in Aghanim's log of deliveries.
    #[default]
    Refuse,
    /// 202: what is new is none of this endpoint's business.
    Accept,
}

impl<S> Webhooks<S> {
    /// An endpoint that accepts what this secret signed, with the handlers that [`webhooks!`](crate::webhooks) lists.
    #[must_use]
    pub fn new(secret: Secret, handlers: Handlers<S>) -> Self {
        let endpoint = Endpoint {
            verifier: Verifier::new(secret),
            body_limit: DEFAULT_BODY_LIMIT,
            unknown_events: UnknownEvents::default(),
            timeout: DEFAULT_TIMEOUT,
            once: None,
            key_reuse: KeyReuse::default(),
            keyed: Vec::new(),
            limit: None,
            handlers,
            checked: OnceLock::new(),
        };
        Self { endpoint: Arc::new(endpoint) }
    }

    /// Accepts what this secret signed as well, for the time in which a webhook's secret is replaced. Every secret is tried
    /// for every request, at the price of one MAC over its body each.
    #[must_use]
    pub fn or_secret(self, secret: Secret) -> Self {
        self.with(|endpoint| endpoint.verifier = endpoint.verifier.clone().or(secret))
    }

    /// How far a request's signed timestamp may lie from this machine's clock.
    #[must_use]
    pub fn tolerance(self, tolerance: Tolerance) -> Self {
        self.with(|endpoint| endpoint.verifier = endpoint.verifier.clone().tolerance(tolerance))
    }

    /// The longest body that is read, in bytes: 1 MiB unless set. A longer one is answered 413 without being hashed.
    #[must_use]
    pub fn body_limit(self, bytes: usize) -> Self {
        self.with(|endpoint| endpoint.body_limit = bytes)
    }

    /// What to answer to an event type that no handler takes.
    #[must_use]
    pub fn unknown_events(self, policy: UnknownEvents) -> Self {
        self.with(|endpoint| endpoint.unknown_events = policy)
    }

    /// How long an event may take from the check of its signature to its answer, waiting for another attempt included:
    /// 10 seconds unless set. The reading of the body before it is given the same time.
    ///
    /// Past it the handler is dropped where it waits, its transaction is rolled back, and the answer is 503 with
    /// `Retry-After`. More than a day counts as a day.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        self.with(|endpoint| endpoint.timeout = timeout.min(LONGEST_TIMEOUT))
    }

    /// Lets each event that bears an idempotency key take effect once; see [`idempotency`](crate::idempotency).
    #[must_use]
    pub fn idempotency(self, store: impl IdempotencyStore) -> Self {
        self.with(|endpoint| endpoint.once = Some(Once::new(store)))
    }

    /// What to do with a key that comes again with other `event_data`.
    #[must_use]
    pub fn key_reuse(self, policy: KeyReuse) -> Self {
        self.with(|endpoint| endpoint.key_reuse = policy)
    }

    /// Refuses these events with 400 when their `idempotency_key` is absent, null or empty. Takes a name, or a pattern
    /// such as `item.*`.
    ///
    /// Without this such an event reaches its handler each time it is delivered.
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
        self.with(|endpoint| endpoint.keyed.push(event.into()))
    }

    /// Whether the settings fit each other: the store keeps answers for at least as long as a signed request is
    /// accepted, handlers that take a `Tx` get one, and a key is required only of events that have a handler.
    ///
    /// Mounting an endpoint on a router checks this too, and panics; see [`clone`](Self::clone).
    ///
    /// # Errors
    /// [`ConfigError`] says which setting to change.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.endpoint.check()
    }

    /// Takes events from this environment alone: see [`Environment`]. Both are taken unless this is set.
    #[must_use]
    pub fn only(self, environment: Environment, otherwise: Otherwise) -> Self {
        self.with(|endpoint| endpoint.limit = Some(Limit { only: environment, otherwise }))
    }

    /// The patterns that have a handler, in the order of the list, for a test that none was forgotten.
    pub fn events(&self) -> impl Iterator<Item = &'static str> + use<S> {
        self.endpoint.handlers.events()
    }

    fn with(mut self, change: impl FnOnce(&mut Endpoint<S>)) -> Self {
        // Being built, it has one owner; a clone that is changed later becomes an endpoint of its own.
        let endpoint = Arc::make_mut(&mut self.endpoint);
        change(endpoint);
        endpoint.checked = OnceLock::new();
        self
    }
}

/// Checked as it is cloned, since that is how axum mounts a handler: `post(hooks)` clones it. `any(hooks)` does not; it is
/// cloned, and checked, for the first connection, where a panic ends the server. With `any`, call
/// [`check`](Webhooks::check) before mounting.
///
/// # Panics
/// When [`check`](Webhooks::check) finds an error, with its text.
impl<S> Clone for Webhooks<S> {
    fn clone(&self) -> Self {
        self.endpoint.checked.get_or_init(|| self.check().unwrap_or_else(|error| panic!("{error}")));
        Self { endpoint: Arc::clone(&self.endpoint) }
    }
}

impl<S> fmt::Debug for Webhooks<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks")
            .field("verifier", &self.endpoint.verifier)
            .field("body_limit", &self.endpoint.body_limit)
            .field("unknown_events", &self.endpoint.unknown_events)
            .field("timeout", &self.endpoint.timeout)
            .field("idempotency", &self.endpoint.once)
            .field("key_reuse", &self.endpoint.key_reuse)
            .field("limit", &self.endpoint.limit)
            .field("handlers", &self.endpoint.handlers)
            .finish()
    }
}

/// The method is not looked at: a webhook can be registered with `GET` too, and what such a delivery carries is not
/// documented. Mount it with `post(…)`, or with `on(…)` for both.
impl<S: Clone + Send + Sync + 'static> Handler<Webhooks<S>, S> for Webhooks<S> {
    type Future = Serve<S>;

    fn call(self, request: Request, state: S) -> Self::Future {
        let (parts, body) = request.into_parts();
        Serve::new(parts, body, state, self.endpoint)
    }
}

/// What a [`Webhooks`] is made of; shared by all requests.
pub(crate) struct Endpoint<S> {
    verifier: Verifier,
    body_limit: usize,
    unknown_events: UnknownEvents,
    timeout: Duration,
    once: Option<Once>,
    key_reuse: KeyReuse,
    /// The events that must bear a key.
    keyed: Vec<String>,
    limit: Option<Limit>,
    handlers: Handlers<S>,
    checked: OnceLock<()>,
}

impl<S> Clone for Endpoint<S> {
    fn clone(&self) -> Self {
        Self {
            verifier: self.verifier.clone(),
            body_limit: self.body_limit,
            unknown_events: self.unknown_events,
            timeout: self.timeout,
            once: self.once.clone(),
            key_reuse: self.key_reuse,
            keyed: self.keyed.clone(),
            limit: self.limit,
            handlers: self.handlers.clone(),
            checked: OnceLock::new(),
        }
    }
}

impl<S> Endpoint<S> {
    fn requires_key(&self, event_type: &str) -> bool {
        self.keyed.iter().any(|pattern| crate::pattern::covers(pattern, event_type))
    }
}
