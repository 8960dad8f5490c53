//! An entry of a list of handlers, and the check that a list has no pattern twice.

use crate::environment::{Environment, Limit, Otherwise};
use crate::event::Schemas;
use crate::later::Policy;
use crate::pattern::{Message, equal};

/// The facts about a handler that a list needs, whatever the state is.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The function's name.
    #[doc(hidden)]
    pub name: &'static str,
    #[doc(hidden)]
    pub patterns: &'static [&'static str],
    /// The database of the `Tx` that it takes, if it takes one.
    #[doc(hidden)]
    pub transaction: Option<&'static str>,
    /// The attribute's `only = …`.
    #[doc(hidden)]
    pub limit: Option<Limit>,
    /// The attribute's `once = …`.
    #[doc(hidden)]
    pub once: Option<bool>,
    /// The attribute's `later`.
    #[doc(hidden)]
    pub later: Option<Policy>,
    /// The schemas of its payload and reply.
    #[doc(hidden)]
    pub schemas: Schemas,
    /// The path of the function's module.
    #[doc(hidden)]
    pub module: &'static str,
}

impl Entry {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, patterns: &'static [&'static str]) -> Self {
        let schemas = Schemas::NONE;
        Self { name, patterns, transaction: None, limit: None, once: None, later: None, schemas, module: "" }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn transaction(self, transaction: Option<&'static str>) -> Self {
        Self { transaction, ..self }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn only(self, only: Environment, otherwise: Otherwise) -> Self {
        Self { limit: Some(Limit { only, otherwise }), ..self }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn once(self, once: bool) -> Self {
        Self { once: Some(once), ..self }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn later(self, policy: Policy) -> Self {
        Self { later: Some(policy), ..self }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn described(self, schemas: Schemas) -> Self {
        Self { schemas, ..self }
    }

    /// True if a delivery is answered in a transaction: for the handler's `Tx`, or for the job of a `later` handler.
    pub(crate) const fn in_transaction(&self) -> bool {
        self.transaction.is_some() || self.later.is_some()
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn in_module(self, module: &'static str) -> Self {
        Self { module, ..self }
    }

    /// The pattern that both take, of the same environment.
    pub(crate) const fn clash(&self, other: &Self) -> Option<&'static str> {
        match (self.limit, other.limit) {
            (Some(one), Some(another)) if one.only.differs(another.only) => None,
            _ => shared(self.patterns, other.patterns),
        }
    }
}

/// The first earlier entry that has a pattern of this entry, and the pattern.
#[derive(Debug, Clone, Copy)]
pub struct Duplicate {
    earlier: usize,
    pattern: &'static str,
}

/// Finds the entries that repeat a pattern of an earlier one.
#[must_use]
pub const fn duplicates<const N: usize>(entries: &[Entry; N]) -> [Option<Duplicate>; N] {
    let mut found = [None; N];
    let mut later = 1;
    while later < N {
        let mut earlier = 0;
        while earlier < later {
            if let (None, Some(pattern)) = (found[later], entries[earlier].clash(&entries[later])) {
                found[later] = Some(Duplicate { earlier, pattern });
            }
            earlier += 1;
        }
        later += 1;
    }
    found
}

const fn shared(a: &[&'static str], b: &[&str]) -> Option<&'static str> {
    let mut i = 0;
    while i < a.len() {
        let mut j = 0;
        while j < b.len() {
            if equal(a[i], b[j]) {
                return Some(a[i]);
            }
            j += 1;
        }
        i += 1;
    }
    None
}

/// Refuses, at compile time, an entry that repeats an earlier one. `entries` are the names as written in the list.
///
/// # Panics
/// Panics if there is a duplicate.
#[track_caller]
pub const fn assert_unique(entries: &[&str], entry: usize, duplicate: Option<Duplicate>) {
    if let Some(Duplicate { earlier, pattern }) = duplicate {
        if equal(entries[earlier], entries[entry]) {
            let message = Message::new().text("`").text(entries[entry]).text("` is listed twice: remove one");
            panic!("{}", message.as_str());
        }
        let message = Message::new().text("`").text(pattern).text("` has two handlers in this list: `");
        panic!(
            "{}",
            message.text(entries[earlier]).text("` and `").text(entries[entry]).text("`: remove one").as_str()
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handlers_of_different_environments_do_not_clash() {
        const LIVE: Entry = Entry::new("live", &["item.add"]).only(Environment::Live, Otherwise::Refuse);
        const SANDBOX: Entry =
            Entry::new("sandbox", &["item.*", "item.add"]).only(Environment::Sandbox, Otherwise::Refuse);
        const BOTH: Entry = Entry::new("both", &["item.add"]);
        assert_eq!(LIVE.clash(&SANDBOX), None);
        assert_eq!(LIVE.clash(&LIVE), Some("item.add"));
        assert_eq!(BOTH.clash(&SANDBOX), Some("item.add"));
        assert!(duplicates(&[LIVE, SANDBOX])[1].is_none());
        assert!(duplicates(&[LIVE, SANDBOX, BOTH])[2].is_some());
    }

    #[test]
    fn duplicates_name_the_earlier_entry() {
        const ENTRIES: [Entry; 3] = [
            Entry::new("a", &["order.paid", "order.*"]),
            Entry::new("b", &["*"]),
            Entry::new("c", &["item.add", "order.*"]),
        ];
        let [a, b, c] = duplicates(&ENTRIES);
        assert!(a.is_none() && b.is_none());
        let c = c.unwrap();
        assert_eq!((c.earlier, c.pattern), (0, "order.*"));
    }
}
