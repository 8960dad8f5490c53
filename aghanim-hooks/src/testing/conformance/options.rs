use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;

use super::Level;
use crate::signature::Secret;

type Counting = Pin<Box<dyn Future<Output = Result<f64, String>> + Send>>;

/// The settings of a conformance run: the events, and how effects are counted.
///
/// ```
/// use aghanim_hooks::Secret;
/// use aghanim_hooks::testing::conformance::{Level, Options};
///
/// let secret = Secret::new("whsec_4f1c9d0a77b2e8d6").unwrap();
/// let options = Options::new(secret).level(Level::Full).event("item.add").set("event_data.player_id", "p1");
/// ```
#[derive(Clone)]
pub struct Options {
    pub(super) secret: Secret,
    pub(super) level: Level,
    pub(super) events: Vec<String>,
    pub(super) sandbox: bool,
    pub(super) set: Vec<(String, Value)>,
    pub(super) effects: Option<Arc<dyn Fn() -> Counting + Send + Sync>>,
}

impl Options {
    /// A basic run against a receiver that has this secret.
    #[must_use]
    pub fn new(secret: Secret) -> Self {
        Self { secret, level: Level::Basic, events: Vec::new(), sandbox: true, set: Vec::new(), effects: None }
    }

    /// Sets the extent of the run.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Asks for this event, which the receiver then must handle. May be called several times.
    ///
    /// Without it the run asks for the events that grant or are answered with content, and leaves out those that the
    /// receiver does not handle.
    #[must_use]
    pub fn event(mut self, event_type: impl Into<String>) -> Self {
        self.events.push(event_type.into());
        self
    }

    /// Marks the events as live. Unless this is set, they come from the sandbox.
    #[must_use]
    pub fn live(mut self) -> Self {
        self.sandbox = false;
        self
    }

    /// Sets a value in each event, by its path from the envelope: `event_data.player_id`.
    #[must_use]
    pub fn set(mut self, path: impl Into<String>, value: impl Into<Value>) -> Self {
        self.set.push((path.into(), value.into()));
        self
    }

    /// Counts what has been granted, so that the run sees whether a duplicate was granted twice.
    ///
    /// The number must grow by the same amount with each granted `item.add`, for example the player's gems. Unless this
    /// is set, the run looks at the numbers in the answers to `player.verify`.
    #[must_use]
    pub fn effects<F>(mut self, count: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<f64, String>> + Send + 'static,
    {
        self.effects = Some(Arc::new(move || Box::pin(count())));
        self
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("level", &self.level)
            .field("events", &self.events)
            .field("sandbox", &self.sandbox)
            .field("set", &self.set)
            .field("effects", &self.effects.is_some())
            .finish_non_exhaustive()
    }
}
