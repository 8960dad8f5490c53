//! The check of a list against the events that Aghanim is told to send: `webhooks![…; subscribed in "…"]`.

use super::Entry;
use crate::events::catalogue::CATALOGUE;
use crate::pattern::{Message, covered, covers, prefix};

/// The most names that a message lists.
const LISTED: usize = 8;

/// Refuses, at compile time, a list without a handler for an event that is subscribed in `file`.
///
/// # Panics
/// Panics if there is such an event.
#[track_caller]
pub const fn assert_subscribed(entries: &[Entry], subscribed: &[&'static str], file: &str) {
    let mut missing = Names::new();
    let mut i = 0;
    while i < subscribed.len() {
        let earlier = subscribed.split_at(i).0;
        let mut events = 0;
        let mut j = 0;
        // A family stands for its documented events.
        while prefix(subscribed[i]).is_some() && j < CATALOGUE.len() {
            let name = CATALOGUE[j].name;
            if CATALOGUE[j].subscribable && covers(subscribed[i], name) {
                events += 1;
                missing = missing.push_if(!handled(entries, name) && !covered(earlier, name), name);
            }
            j += 1;
        }
        let name = subscribed[i];
        missing = missing.push_if(events == 0 && !handled(entries, name) && !covered(earlier, name), name);
        i += 1;
    }
    let message = missing.listed(Message::new()).text(" subscribed in `").text(file);
    let message = message.text("`, but this list has no handler: add one, or end the subscription");
    assert!(missing.count == 0, "{}", message.as_str());
}

/// Refuses, at compile time, a handler for an event that is not subscribed in `file`.
///
/// # Panics
/// Panics if there is such a handler.
#[track_caller]
pub const fn assert_exactly_subscribed(entries: &[Entry], subscribed: &[&str], file: &str) {
    let mut superfluous = Names::new();
    let mut i = 0;
    while i < entries.len() {
        let mut j = 0;
        while j < entries[i].patterns.len() {
            let pattern = entries[i].patterns[j];
            superfluous = superfluous.push_if(unsubscribed(pattern, subscribed), pattern);
            j += 1;
        }
        i += 1;
    }
    let message = superfluous.listed(Message::new()).text(" handled here, but not subscribed in `").text(file);
    let message = message.text("`: subscribe to it, or remove the handler");
    assert!(superfluous.count == 0, "{}", message.as_str());
}

/// True if a handler takes an event that could be subscribed to, and is not.
#[must_use]
pub const fn is_unsubscribed(entry: &Entry, subscribed: &[&str]) -> bool {
    let mut i = 0;
    while i < entry.patterns.len() {
        if unsubscribed(entry.patterns[i], subscribed) {
            return true;
        }
        i += 1;
    }
    false
}

/// The warning about a handler whose event is not subscribed.
#[derive(Debug)]
pub struct RegistrationCheck<const UNSUBSCRIBED: bool>;

impl RegistrationCheck<false> {
    /// Says nothing.
    pub const fn of_this_handler() {}
}

impl RegistrationCheck<true> {
    /// A use of something deprecated is the one warning that a `const` can decide on.
    #[deprecated(
        note = "this handler is for an event that is not subscribed: subscribe to the event, or remove the handler"
    )]
    pub const fn of_this_handler() {}
}

const fn handled(entries: &[Entry], name: &str) -> bool {
    let mut i = 0;
    while i < entries.len() {
        if covered(entries[i].patterns, name) {
            return true;
        }
        i += 1;
    }
    false
}

/// True for a pattern of documented, subscribable events of which none is subscribed. `*` takes what comes.
const fn unsubscribed(pattern: &str, subscribed: &[&str]) -> bool {
    if pattern.len() == 1 || covered(subscribed, pattern) {
        return false;
    }
    let mut i = 0;
    while i < subscribed.len() {
        if covers(pattern, subscribed[i]) {
            return false;
        }
        i += 1;
    }
    let mut i = 0;
    while i < CATALOGUE.len() {
        if CATALOGUE[i].subscribable && covers(pattern, CATALOGUE[i].name) {
            return true;
        }
        i += 1;
    }
    false
}

/// The first few names of those to be listed, and the number of all.
#[derive(Clone, Copy)]
struct Names {
    first: [&'static str; LISTED],
    count: usize,
}

impl Names {
    const fn new() -> Self {
        Self { first: [""; LISTED], count: 0 }
    }

    const fn push_if(mut self, condition: bool, name: &'static str) -> Self {
        if condition {
            if self.count < LISTED {
                self.first[self.count] = name;
            }
            self.count += 1;
        }
        self
    }

    /// `` `a` and `b` are ``
    const fn listed(&self, message: Message) -> Message {
        let count = if self.count < LISTED { self.count } else { LISTED };
        let message = message.list(self.first.split_at(count).0);
        match self.count {
            1 => message.text(" is"),
            2..=LISTED => message.text(" are"),
            _ => message.text(" and others are"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRIES: [Entry; 3] = [
        Entry::new("verify", &["player.verify"]),
        Entry::new("orders", &["order.*"]),
        Entry::new("joined", &["guild.joined", "player.update"]),
    ];

    #[test]
    fn what_is_subscribed_is_handled() {
        assert_subscribed(&ENTRIES, &["player.verify", "order.paid", "order.*"], "a.json");
        assert_subscribed(&[Entry::new("rest", &["*"])], &["payment.*", "brand.new"], "a.json");
    }

    #[test]
    #[should_panic(
        expected = "`item.add` and `brand.new` are subscribed in `a.json`, but this list has no handler: add one, or end the subscription"
    )]
    fn names_without_a_handler() {
        assert_subscribed(&ENTRIES, &["item.add", "player.verify", "item.add", "brand.new"], "a.json");
    }

    #[test]
    #[should_panic(
        expected = "`order.created`, `order.canceled` and `order.refunded` are subscribed in `a.json`, but this list has no handler"
    )]
    fn a_family_is_its_events() {
        assert_subscribed(&[Entry::new("paid", &["order.paid"])], &["order.*"], "a.json");
    }

    #[test]
    #[should_panic(expected = "and others are subscribed")]
    fn many_names() {
        assert_subscribed(&ENTRIES, &["payment.*"], "a.json");
    }

    #[test]
    fn what_is_handled_is_subscribed() {
        let subscribed = ["player.verify", "order.paid"];
        assert_exactly_subscribed(&ENTRIES, &subscribed, "a.json");
        assert!(!is_unsubscribed(&ENTRIES[1], &subscribed));
        // An event of one's own and one that nobody can subscribe to.
        assert!(!is_unsubscribed(&ENTRIES[2], &subscribed));
        assert!(is_unsubscribed(&ENTRIES[1], &["player.verify"]));
        assert!(is_unsubscribed(&ENTRIES[0], &["order.*"]));
        assert!(!is_unsubscribed(&Entry::new("rest", &["*"]), &[]));
    }

    #[test]
    #[should_panic(expected = "`player.verify` and `order.*` are handled here, but not subscribed in `a.json`")]
    fn handlers_of_what_is_not_subscribed() {
        assert_exactly_subscribed(&ENTRIES, &["item.add"], "a.json");
    }
}
