//! Event patterns in arguments and filters: `order.paid`, `order.*`, `*`.

/// One pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(String);

impl Pattern {
    /// Reads a pattern. A star may only be at the end, alone or after a dot.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let stem = text.strip_suffix('*').unwrap_or(text);
        let is_family = stem.len() < text.len();
        if text.is_empty() || stem.contains('*') || is_family && !(stem.is_empty() || stem.ends_with('.')) {
            return Err(format!("`{text}` is not a pattern: write order.paid, order.* or *"));
        }
        Ok(Self(text.to_owned()))
    }

    /// True if it takes this event.
    pub(crate) fn takes(&self, event: &str) -> bool {
        match self.prefix() {
            Some(prefix) => event.starts_with(prefix),
            None => self.0 == event,
        }
    }

    /// The text before the star. `None` for an exact name.
    pub(crate) fn prefix(&self) -> Option<&str> {
        self.0.strip_suffix('*')
    }

    /// The pattern's text.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_a_name_a_family_or_everything() {
        let takes = |pattern: &str, event: &str| Pattern::parse(pattern).unwrap().takes(event);
        assert!(takes("item.add", "item.add") && takes("item.*", "item.add") && takes("*", "item.add"));
        assert!(!takes("item.add", "item.added") && !takes("item.*", "items.add"));
        for wrong in ["", "item*", "*.add", "item.*.*"] {
            assert!(Pattern::parse(wrong).is_err(), "{wrong}");
        }
    }
}
