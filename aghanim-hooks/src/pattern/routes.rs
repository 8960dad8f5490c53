use super::{Entry, prefix};

/// Which entry of a list takes an event: exact beats the longest prefix, which beats `*`.
#[derive(Debug, Clone)]
pub(crate) struct Routes {
    /// By length: most names differ in it, and it needs no comparing. Those of one length are sorted.
    exact: Vec<Vec<(&'static str, usize)>>,
    /// Longest prefix first; the one of `*` is empty and so comes last.
    families: Vec<(&'static str, usize)>,
}

impl Routes {
    pub(crate) fn new(entries: &[Entry]) -> Self {
        let patterns = || entries.iter().enumerate().flat_map(|(i, entry)| entry.patterns.iter().map(move |p| (*p, i)));
        let mut exact = Vec::new();
        for (name, i) in patterns().filter(|(pattern, _)| prefix(pattern).is_none()) {
            if exact.len() <= name.len() {
                exact.resize_with(name.len() + 1, Vec::new);
            }
            exact[name.len()].push((name, i));
        }
        for names in &mut exact {
            names.sort_unstable();
        }
        let mut families: Vec<_> = patterns().filter_map(|(pattern, i)| Some((prefix(pattern)?, i))).collect();
        families.sort_unstable_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        Self { exact, families }
    }

    pub(crate) fn find(&self, event_type: &str) -> Option<usize> {
        if let Some(names) = self.exact.get(event_type.len())
            && let Ok(found) = names.binary_search_by_key(&event_type, |(name, _)| name)
        {
            return Some(names[found].1);
        }
        self.families.iter().find(|(prefix, _)| event_type.starts_with(prefix)).map(|(_, i)| *i)
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
