use std::time::Duration;

/// A delivery whose work is done later.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Job {
    /// The event's type, such as `order.paid`.
    pub event_type: String,
    /// The event's id, if it came with one.
    pub event_id: Option<String>,
    /// The request's body, byte for byte.
    pub body: String,
    /// The settings of the handler's attribute.
    pub policy: Policy,
    /// The trace that the delivery belongs to, as a `traceparent` header, if there is one.
    pub trace: Option<String>,
}

impl Job {
    /// A job for a delivery with this body.
    #[must_use]
    pub fn new(event_type: impl Into<String>, body: impl Into<String>) -> Self {
        Self { event_type: event_type.into(), event_id: None, body: body.into(), policy: Policy::new(), trace: None }
    }
}

/// The settings of a `later` handler. An engine has defaults for those that are not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Policy {
    /// The number of attempts before a job becomes a dead letter.
    pub attempts: Option<u32>,
    /// The time that one attempt may take.
    pub timeout: Option<Duration>,
    /// The engine's queue.
    pub queue: Option<&'static str>,
    /// The path of the entity of which an older event is skipped, such as `data.id`.
    pub latest_of: Option<&'static str>,
}

impl Policy {
    /// No settings: all are the engine's defaults.
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
}
