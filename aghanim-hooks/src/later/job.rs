use std::time::{Duration, SystemTime};

/// A delivery whose handler is called later.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Job {
    /// The event's type, such as `order.paid`.
    pub event_type: String,
    /// The event's id, if it has one.
    pub event_id: Option<String>,
    /// The request's body, byte for byte.
    pub body: String,
    /// The settings of the handler's attribute, else of the endpoint.
    pub policy: Policy,
    /// The trace of the delivery, as a W3C `traceparent`, if an observer gave one. It links the attempts to the delivery:
    /// see [`Observer::trace`](crate::observer::Observer::trace).
    pub trace: Option<String>,
    /// The time of the delivery, if the engine keeps it.
    pub enqueued_at: Option<SystemTime>,
}

impl Job {
    /// A job for a delivery with this body.
    #[must_use]
    pub fn new(event_type: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            event_type: event_type.into(),
            event_id: None,
            body: body.into(),
            policy: Policy::new(),
            trace: None,
            enqueued_at: None,
        }
    }
}

/// The settings of a `later` handler: those of its attribute. The endpoint and the engine have defaults for the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Policy {
    /// The number of attempts before a job becomes a dead letter.
    pub attempts: Option<u32>,
    /// The time that one attempt may take.
    pub timeout: Option<Duration>,
    /// The engine's queue.
    pub queue: Option<&'static str>,
    /// The path of the value that names the entity, such as `data.id`. An event older than the entity's newest is skipped.
    pub latest_of: Option<&'static str>,
}

impl Policy {
    /// No settings: all have their defaults.
    #[must_use]
    pub const fn new() -> Self {
        Self { attempts: None, timeout: None, queue: None, latest_of: None }
    }

    /// Sets the number of attempts before a job becomes a dead letter.
    #[must_use]
    pub const fn attempts(self, attempts: u32) -> Self {
        Self { attempts: Some(attempts), ..self }
    }

    /// Sets the time that one attempt may take.
    #[must_use]
    pub const fn timeout(self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self }
    }

    /// Sets the engine's queue.
    #[must_use]
    pub const fn queue(self, queue: &'static str) -> Self {
        Self { queue: Some(queue), ..self }
    }

    /// Skips an event that is older than the newest one of the same entity.
    #[must_use]
    pub const fn latest_of(self, path: &'static str) -> Self {
        Self { latest_of: Some(path), ..self }
    }

    /// Takes the settings that are not set from `defaults`. `latest_of` stays the handler's own.
    pub(crate) fn or(self, defaults: Self) -> Self {
        Self {
            attempts: self.attempts.or(defaults.attempts),
            timeout: self.timeout.or(defaults.timeout),
            queue: self.queue.or(defaults.queue),
            latest_of: self.latest_of,
        }
    }
}
