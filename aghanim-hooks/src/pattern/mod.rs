//! Event names and the patterns that stand for several: `order.paid`, `order.*`, `*`.
//!
//! What can be known about them is known to the compiler: the checks here are `const fn`s that panic, so that a
//! handler that can't fit its payload, or that stands twice in a list, is a compile error.

mod message;
mod routes;

pub(crate) use message::nearest;
pub(crate) use routes::Routes;

pub(crate) use message::Message;

use crate::environment::{Environment, Limit, Otherwise};
use crate::events::catalogue;

/// One handler of a list: its function's name, and the patterns it takes.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    #[doc(hidden)]
    pub name: &'static str,
    #[doc(hidden)]
    pub patterns: &'static [&'static str],
    /// The database whose transaction it takes, if any.
    #[doc(hidden)]
    pub transaction: Option<&'static str>,
    /// `only = …` of the attribute.
    #[doc(hidden)]
    pub limit: Option<Limit>,
}

impl Entry {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, patterns: &'static [&'static str]) -> Self {
        Self { name, patterns, transaction: None, limit: None }
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
}

/// What comes before the `*`: `order.` of `order.*`, nothing of `*`; `None` for an exact name.
const fn prefix(pattern: &str) -> Option<&str> {
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

/// Whether everything that `narrow` takes is taken by `wide` too.
pub(crate) const fn covers(wide: &str, narrow: &str) -> bool {
    match prefix(wide) {
        Some(prefix) => starts_with(narrow, prefix),
        None => equal(wide, narrow),
    }
}

/// Refuses, at compile time, a payload that does not belong to what `pattern` brings.
///
/// # Panics
/// Unless one of `events` covers `pattern`.
#[must_use]
#[track_caller]
pub const fn check_payload(payload: &str, events: &[&str], pattern: &str) -> bool {
    let mut i = 0;
    while i < events.len() {
        if covers(events[i], pattern) {
            return true;
        }
        i += 1;
    }
    let message = Message::new().text("`").text(payload).text("` is the payload of ").list(events);
    let message = message.text(", not of `").text(pattern).text("`: ");
    let message = match (catalogue::payload_of(pattern), nearest(events, pattern)) {
        (Some(payload), _) => message.text("take `").text(payload).text("` as the event"),
        (None, Some(event)) => message.text("did you mean `").text(event).text("`?"),
        (None, None) => message.text("take `RawEvent`, the payload of any event"),
    };
    panic!("{}", message.as_str());
}

/// The first earlier entry that has a pattern of this one, and that pattern.
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
            if let (None, Some(pattern)) = (found[later], shared(entries[earlier].patterns, entries[later].patterns)) {
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

/// Refuses, at compile time, an entry that repeats an earlier one. `entries` is how the list names them.
///
/// # Panics
/// When there is a duplicate.
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
            ("order.*", "order"),
            ("order.*", "orders.paid"),
            ("order.*", "*"),
            ("analytics.checkout.*", "analytics.*"),
        ] {
            assert!(!covers(wide, narrow), "{wide} does not cover {narrow}");
        }
    }

    #[test]
    #[should_panic(
        expected = "`PlayerVerify` is the payload of `player.verify`, not of `player.verfy`: did you mean `player.verify`?"
    )]
    fn a_misspelt_name_is_corrected() {
        let _ = check_payload("PlayerVerify", &["player.verify"], "player.verfy");
    }

    #[test]
    #[should_panic(
        expected = "`Order` is the payload of `order.paid` and `order.created`, not of `item.add`: take `ItemAdd` as the event"
    )]
    fn a_foreign_name_is_refused() {
        let _ = check_payload("Order", &["order.paid", "order.created"], "item.add");
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
