use std::fmt;

/// One difference between two documents.
///
/// [`Display`](fmt::Display) writes it in words: the events, the place, and what changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The events that changed in this way.
    pub events: Vec<String>,
    /// The place within the event or its answer. Empty if the change is about the event itself.
    pub place: String,
    /// The change itself, in words.
    pub what: String,
    breaking: bool,
}

impl Change {
    /// True if somebody who followed the old document may fail now.
    #[must_use]
    pub fn is_breaking(&self) -> bool {
        self.breaking
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.events.join(", "))?;
        if !self.place.is_empty() {
            write!(f, ": {}", self.place)?;
        }
        write!(f, ": {}", self.what)
    }
}

/// Collects changes. The same change of several events is one.
#[derive(Default)]
pub(super) struct Changes {
    event: String,
    found: Vec<Change>,
}

impl Changes {
    /// Sets the event that the next changes are about.
    pub(super) fn event(&mut self, name: &str) {
        name.clone_into(&mut self.event);
    }

    pub(super) fn breaking(&mut self, what: impl Into<String>) {
        self.add(true, what);
    }

    pub(super) fn compatible(&mut self, what: impl Into<String>) {
        self.add(false, what);
    }

    pub(super) fn add(&mut self, breaking: bool, what: impl Into<String>) {
        self.at("", breaking, what);
    }

    pub(super) fn at(&mut self, place: &str, breaking: bool, what: impl Into<String>) {
        let (events, place, what) = (vec![self.event.clone()], place.to_owned(), what.into());
        let change = Change { events, place, what, breaking };
        let same = |found: &&mut Change| {
            (&found.place, &found.what, found.breaking) == (&change.place, &change.what, breaking)
        };
        match self.found.iter_mut().find(same) {
            Some(found) if found.events.contains(&self.event) => {}
            Some(found) => found.events.push(self.event.clone()),
            None => self.found.push(change),
        }
    }

    /// The changes, breaking ones first.
    pub(super) fn sorted(mut self) -> Vec<Change> {
        self.found.sort_by_key(|change| !change.breaking);
        self.found
    }
}
