use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::control::Shared;
use super::memory_budget::Budget;
use super::store::Once;
use crate::control::ConcurrencyLimit;
use crate::environment::Limit;
use crate::idempotency::KeyReuse;
use crate::later::{Policy, Queue};
use crate::observer::Observer;

/// The longest timeout of a delivery or of an attempt. Every clock and database can still represent it.
pub(super) const LONGEST_TIMEOUT: Duration = Duration::from_hours(24);

/// The settings of an endpoint, shared by all its deliveries. They do not depend on the router's state.
#[derive(Clone)]
pub(crate) struct Settings {
    /// The part that changes while the endpoint runs.
    pub(super) shared: Arc<Shared>,
    /// The longest body that is read, in bytes.
    pub(super) body_limit: usize,
    pub(super) unverified: Budget,
    pub(super) unknown_events: UnknownEvents,
    /// The time to read the body, and again the time from its signature to its answer.
    pub(super) timeout: Duration,
    pub(super) once: Option<Once>,
    pub(super) key_reuse: KeyReuse,
    /// The patterns of the events that are refused without an idempotency key.
    pub(super) key_required: Vec<String>,
    pub(super) limit: Option<Limit>,
    /// True if a handler for one environment needs a second one for the other.
    pub(super) both_environments: bool,
    /// True if an event must say whether it comes from the sandbox.
    pub(super) sandbox_flag_required: bool,
    /// True if a granting event without a key takes effect once for each event id, or signature.
    pub(super) replay_guard: bool,
    pub(super) concurrency: Vec<ConcurrencyLimit>,
    pub(super) observer: Option<Arc<dyn Observer>>,
    /// The engine of `later` handlers.
    pub(super) later: Option<Arc<dyn Queue>>,
    /// The settings of `later` handlers whose attribute does not have them.
    pub(super) deferred: Policy,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("shared", &self.shared)
            .field("body_limit", &self.body_limit)
            .field("unverified", &self.unverified)
            .field("unknown_events", &self.unknown_events)
            .field("timeout", &self.timeout)
            .field("once", &self.once)
            .field("key_reuse", &self.key_reuse)
            .field("key_required", &self.key_required)
            .field("limit", &self.limit)
            .field("both_environments", &self.both_environments)
            .field("sandbox_flag_required", &self.sandbox_flag_required)
            .field("replay_guard", &self.replay_guard)
            .field("concurrency", &self.concurrency)
            .field("observed", &self.observer.is_some())
            .field("later", &self.later)
            .field("deferred", &self.deferred)
            .finish()
    }
}

/// The answer to an event type that has no handler. Aghanim adds event types over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum UnknownEvents {
    /// 400, as the documented handler does. The mistake then shows in Aghanim's log of deliveries.
    #[default]
    Refuse,
    /// 202: new events are acknowledged and ignored.
    Accept,
}
