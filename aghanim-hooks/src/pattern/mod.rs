//! Event names, and the patterns that match several: `order.paid`, `order.*`, `*`.
//!
//! These are `const fn`s, since most of what is asked about patterns is asked by the compiler.

mod check;
mod distance;
mod text;

pub use check::check_pattern;
pub(crate) use check::is_pattern;
pub(crate) use distance::nearest;
pub(crate) use text::Message;

/// Returns the text before the `*`: `order.` for `order.*`, nothing for `*`. `None` for an exact name.
pub(crate) const fn prefix(pattern: &str) -> Option<&str> {
    match pattern.as_bytes() {
        [.., b'*'] => Some(pattern.split_at(pattern.len() - 1).0),
        _ => None,
    }
}

pub(crate) const fn equal(a: &str, b: &str) -> bool {
    a.len() == b.len() && starts_with(a, b)
}

const fn starts_with(text: &str, prefix: &str) -> bool {
    let (text, prefix) = (text.as_bytes(), prefix.as_bytes());
    if text.len() < prefix.len() {
        return false;
    }
    let mut i = 0;
    while i < prefix.len() {
        if text[i] != prefix[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// True if `wide` takes everything that `narrow` takes.
pub(crate) const fn covers(wide: &str, narrow: &str) -> bool {
    match prefix(wide) {
        Some(prefix) => starts_with(narrow, prefix),
        None => equal(wide, narrow),
    }
}

/// True if `pattern` is one of `patterns`.
pub(crate) const fn contains(patterns: &[&str], pattern: &str) -> bool {
    let mut i = 0;
    while i < patterns.len() {
        if equal(patterns[i], pattern) {
            return true;
        }
        i += 1;
    }
    false
}

/// True if one of `patterns` takes everything that `pattern` takes.
pub(crate) const fn covered(patterns: &[&str], pattern: &str) -> bool {
    let mut i = 0;
    while i < patterns.len() {
        if covers(patterns[i], pattern) {
            return true;
        }
        i += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_what_it_takes() {
        for (wide, narrow) in [
            ("order.paid", "order.paid"),
            ("order.*", "order.paid"),
            ("order.*", "order.*"),
            ("analytics.*", "analytics.checkout.*"),
            ("*", "order.*"),
            ("*", "*"),
        ] {
            assert!(covers(wide, narrow), "{wide} covers {narrow}");
        }
        for (wide, narrow) in [
            ("order.paid", "order.paid.again"),
            ("order.paid", "order.*"),
            ("order.paid", "order.made"),
            ("order.paid.again", "order.paid"),
            ("order.*", "order"),
            ("order.*", "orders.paid"),
            ("order.*", "*"),
            ("analytics.checkout.*", "analytics.*"),
        ] {
            assert!(!covers(wide, narrow), "{wide} does not cover {narrow}");
        }
    }

    #[test]
    fn a_list_contains_what_is_in_it_and_covers_what_its_families_take() {
        let patterns = ["item.add", "order.*"];
        assert!(contains(&patterns, "order.*") && !contains(&patterns, "order.paid"));
        assert!(covered(&patterns, "item.add") && covered(&patterns, "order.paid"));
        assert!(!covered(&patterns, "item.remove") && !covered(&[], "item.add"));
    }
}
