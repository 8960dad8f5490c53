use serde_json::{Map, Value};

use super::definitions::Definitions;
use super::described::{Described, documented, taken};
use crate::endpoint::Taken;
use crate::pattern::covers;

/// The events of an endpoint and their answers, to be written as a document.
///
/// [`Webhooks::contract`](crate::Webhooks::contract) makes it from an endpoint, [`Contract::catalogue`] from every event
/// that Aghanim documents.
#[derive(Debug, Clone)]
pub struct Contract {
    pub(super) title: String,
    pub(super) version: String,
    pub(super) events: Vec<Described>,
    /// The schemas that others refer to, by name.
    pub(super) definitions: Map<String, Value>,
}

impl Contract {
    /// The contract of an endpoint that handles every event of the
    /// [`CATALOGUE`](crate::events::catalogue::CATALOGUE), with default settings.
    ///
    /// ```
    /// use aghanim_hooks::documents::Contract;
    ///
    /// let items = Contract::catalogue().only(["item.*"]);
    /// assert_eq!(items.events().collect::<Vec<_>>(), ["item.add", "item.remove"]);
    /// assert_eq!(items.openapi()["openapi"], "3.1.0");
    /// assert_eq!(items.asyncapi()["asyncapi"], "3.0.0");
    /// ```
    #[must_use]
    pub fn catalogue() -> Self {
        let mut definitions = Definitions::new();
        let events = documented(&mut definitions);
        Self::new(events, definitions)
    }

    pub(super) fn of(events: Vec<Taken>) -> Self {
        let mut definitions = Definitions::new();
        let events = events.into_iter().map(|event| taken(&event, &mut definitions)).collect();
        Self::new(events, definitions)
    }

    fn new(mut events: Vec<Described>, definitions: Definitions) -> Self {
        let definitions = definitions.merge(events.iter_mut().flat_map(|event| &mut event.replies));
        for event in &mut events {
            event.describe(&definitions);
        }
        Self { title: "Aghanim webhooks".into(), version: "1.0.0".into(), events, definitions }
    }

    /// Sets the title of the documents.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Sets the version of the documents: the contract's own, `1.0.0` by default.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// Keeps only the events that one of these patterns takes: names, families such as `order.*`, or `*`.
    #[must_use]
    pub fn only<P: AsRef<str>>(mut self, patterns: impl IntoIterator<Item = P>) -> Self {
        let patterns: Vec<P> = patterns.into_iter().collect();
        let is_wanted =
            |name: &str| patterns.iter().any(|pattern| name == pattern.as_ref() || covers(pattern.as_ref(), name));
        self.events.retain(|event| is_wanted(&event.name));
        self
    }

    /// The names of the events, and the patterns of families.
    pub fn events(&self) -> impl Iterator<Item = &str> {
        self.events.iter().map(|event| &*event.name)
    }

    /// The events whose payload or reply has no schema, because its type does not implement `JsonSchema`.
    pub fn undescribed(&self) -> impl Iterator<Item = &str> {
        self.events.iter().filter(|event| !event.is_complete).map(|event| &*event.name)
    }
}
