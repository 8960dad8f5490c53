//! Finds the entry of a handler by the event's name.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::environment::Environment;
use crate::handler::Entry;
use crate::pattern::prefix;

/// Finds the entry that takes an event: an exact name wins over the longest family, which wins over `*`.
#[derive(Debug, Clone)]
pub(super) struct Routes {
    exact: HashMap<&'static str, Found>,
    /// The prefixes of the families, longest first. The prefix of `*` is empty, and so comes last.
    families: Vec<(&'static str, Found)>,
}

/// The entry that takes an event, by its index.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    One(usize),
    /// Two handlers of the same pattern, each for its own environment.
    ByEnvironment {
        live: usize,
        sandbox: usize,
    },
}

impl Routes {
    pub(super) fn new(entries: impl Iterator<Item = &'static Entry>) -> Self {
        let (mut exact, mut families) = (HashMap::new(), HashMap::new());
        for (index, entry) in entries.enumerate() {
            for pattern in entry.patterns {
                let (found, name) = match prefix(pattern) {
                    Some(prefix) => (&mut families, prefix),
                    None => (&mut exact, *pattern),
                };
                found.entry(name).and_modify(|found| *found = pair(*found, index, entry)).or_insert(Found::One(index));
            }
        }
        let mut families: Vec<_> = families.into_iter().collect();
        families.sort_by_key(|(prefix, _)| Reverse(prefix.len()));
        Self { exact, families }
    }

    pub(super) fn find(&self, event_type: &str) -> Option<Found> {
        let family = || self.families.iter().find(|(prefix, _)| event_type.starts_with(prefix)).map(|(_, found)| found);
        self.exact.get(event_type).or_else(family).copied()
    }

    pub(super) fn find_pattern(&self, pattern: &str) -> Option<Found> {
        match prefix(pattern) {
            Some(wanted) => self.families.iter().find(|(prefix, _)| *prefix == wanted).map(|(_, found)| *found),
            None => self.exact.get(pattern).copied(),
        }
    }
}

/// Adds a second handler of a pattern.
///
/// It does not check that the two are for different environments. The compiler checks that within a list, and
/// `Webhooks::check` across bundles.
fn pair(first: Found, index: usize, entry: &Entry) -> Found {
    match (first, entry.limit.map(|limit| limit.only)) {
        (Found::One(sandbox), Some(Environment::Live)) => Found::ByEnvironment { live: index, sandbox },
        (Found::One(live), Some(Environment::Sandbox)) => Found::ByEnvironment { live, sandbox: index },
        (first, _) => first,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Otherwise;

    fn routes(entries: &'static [Entry]) -> Routes {
        Routes::new(entries.iter())
    }

    #[test]
    fn the_most_specific_pattern_wins() {
        static ENTRIES: [Entry; 4] = [
            Entry::new("rest", &["*"]),
            Entry::new("analytics", &["analytics.*"]),
            Entry::new("checkout", &["analytics.checkout.*"]),
            Entry::new("paid", &["order.paid", "analytics.checkout.pageview"]),
        ];
        let routes = routes(&ENTRIES);
        for (event, entry) in [
            ("order.paid", 3),
            ("analytics.checkout.pageview", 3),
            ("analytics.checkout.pageshow", 2),
            ("analytics.hub.login", 1),
            ("analytics.", 1),
            ("analytics", 0),
            ("order.refunded", 0),
            ("", 0),
        ] {
            assert_eq!(routes.find(event), Some(Found::One(entry)), "{event}");
        }
    }

    #[test]
    fn an_event_that_no_pattern_takes() {
        static ENTRIES: [Entry; 1] = [Entry::new("paid", &["order.paid", "item.*"])];
        let routes = routes(&ENTRIES);
        assert_eq!(routes.find("order.created"), None);
        assert_eq!(routes.find("items.add"), None);
        assert_eq!(routes.find("item"), None);
    }

    #[test]
    fn two_handlers_share_a_pattern_by_environment() {
        static ENTRIES: [Entry; 2] = [
            Entry::new("sandbox", &["item.add", "order.*"]).only(Environment::Sandbox, Otherwise::Refuse),
            Entry::new("live", &["order.*", "item.add"]).only(Environment::Live, Otherwise::Refuse),
        ];
        let routes = routes(&ENTRIES);
        let pair = Some(Found::ByEnvironment { live: 1, sandbox: 0 });
        assert_eq!(routes.find("item.add"), pair);
        assert_eq!(routes.find("order.paid"), pair);
    }
}
