use std::cmp::Reverse;
use std::collections::HashMap;

use crate::handler::Entry;
use crate::pattern::prefix;

/// Finds the entry of a list that takes an event: an exact name wins over the longest family, which wins over `*`.
#[derive(Debug, Clone)]
pub(super) struct Routes {
    exact: HashMap<&'static str, usize>,
    /// The prefixes of the families, longest first. The prefix of `*` is empty, and so comes last.
    families: Vec<(&'static str, usize)>,
}

impl Routes {
    pub(super) fn new(entries: &[Entry]) -> Self {
        let (mut exact, mut families) = (HashMap::new(), Vec::new());
        for (index, entry) in entries.iter().enumerate() {
            for pattern in entry.patterns {
                match prefix(pattern) {
                    Some(prefix) => families.push((prefix, index)),
                    None => drop(exact.insert(*pattern, index)),
                }
            }
        }
        families.sort_by_key(|(prefix, _)| Reverse(prefix.len()));
        Self { exact, families }
    }

    pub(super) fn find(&self, event_type: &str) -> Option<usize> {
        let family = || self.families.iter().find(|(prefix, _)| event_type.starts_with(prefix)).map(|(_, index)| index);
        self.exact.get(event_type).or_else(family).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_pattern_wins() {
        let routes = Routes::new(&[
            Entry::new("rest", &["*"]),
            Entry::new("analytics", &["analytics.*"]),
            Entry::new("checkout", &["analytics.checkout.*"]),
            Entry::new("paid", &["order.paid", "analytics.checkout.pageview"]),
        ]);
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
            assert_eq!(routes.find(event), Some(entry), "{event}");
        }
    }

    #[test]
    fn an_event_that_no_pattern_takes() {
        let routes = Routes::new(&[Entry::new("paid", &["order.paid", "item.*"])]);
        assert_eq!(routes.find("order.created"), None);
        assert_eq!(routes.find("items.add"), None);
        assert_eq!(routes.find("item"), None);
    }
}
