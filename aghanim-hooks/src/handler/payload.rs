//! The check that a handler's payload belongs to the events of its attribute.

use crate::events::catalogue;
use crate::pattern::{Message, covered, nearest};

/// Refuses, at compile time, a payload that is not the one of the events that `pattern` takes.
///
/// # Panics
/// When none of `events`, the payload's own patterns, covers `pattern`.
#[must_use]
#[track_caller]
pub const fn check_payload(payload: &str, events: &[&str], pattern: &str) -> bool {
    if covered(events, pattern) {
        return true;
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
