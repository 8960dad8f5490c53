//! The check that a handler's payload belongs to the events of its attribute, and that Aghanim documents these events.

use crate::events::catalogue;
use crate::pattern::{Message, contains, covered, is_pattern, nearest, prefix};

/// Refuses, at compile time, a payload that does not belong to the events that `pattern` takes, and a name that is
/// probably misspelt: such a handler would compile and never be called.
///
/// A name is probably misspelt if Aghanim does not document it, but documents other events of its family, or one that is
/// almost the same. It is accepted if the user marked it as `undocumented`, or if the payload has exactly this name: then
/// it is the user's own type for this event.
///
/// # Panics
/// Panics if none of `events`, the payload's own patterns, covers `pattern`, or if the name is probably misspelt.
#[must_use]
#[track_caller]
pub const fn check_payload(payload: &str, events: &[&str], pattern: &str, undocumented: bool) -> bool {
    // `check_pattern` reports a malformed pattern.
    if contains(events, pattern) || !is_pattern(pattern) {
        return true;
    }
    let covered = covered(events, pattern);
    if covered && (undocumented || catalogue::documents(pattern)) {
        return true;
    }
    let of_payload = match nearest(events, pattern) {
        Some(event) if prefix(event).is_none() => Some(event),
        _ => None,
    };
    if !undocumented && !catalogue::documents(pattern) {
        let near = nearest(&catalogue::NAMES, pattern);
        if near.is_some() || catalogue::has_family(pattern) {
            let message = Message::new().text("Aghanim documents no event `").text(pattern).text("`: ");
            let message = match (of_payload, near) {
                (Some(near), _) | (None, Some(near)) => {
                    message.text("did you mean `").text(near).text("`? If the name is right, ")
                }
                (None, None) => message.text("if the name is right, "),
            };
            let message = message.text("write `#[webhook(\"").text(pattern).text("\", undocumented)]`");
            panic!("{}", message.as_str());
        }
    }
    if covered {
        return true;
    }
    let message = Message::new().text("`").text(payload).text("` is the payload of ").list(events);
    let message = message.text(", not of `").text(pattern).text("`: ");
    let message = match (catalogue::payload_of(pattern), of_payload) {
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
    fn a_documented_name_or_family_of_the_payload() {
        for (events, pattern) in [
            (&["player.verify"][..], "player.verify"),
            (&["order.*"], "order.refunded"),
            (&["order.*"], "order.*"),
            (&["analytics.*"], "analytics.checkout.*"),
            (&["analytics.*"], "analytics.checkout.payment_method.open"),
            (&["*"], "*"),
        ] {
            assert!(check_payload("A", events, pattern, false), "{pattern}");
        }
    }

    #[test]
    fn an_event_of_the_users_own() {
        assert!(check_payload("GuildJoined", &["guild.joined"], "guild.joined", false));
        assert!(check_payload("RawEvent", &["*"], "guild.joined", false));
        // In Aghanim's own family, and almost a documented name: the payload has it, or the user says so.
        assert!(check_payload("Settled", &["order.payed"], "order.payed", false));
        assert!(check_payload("AnyOrder", &["order.*"], "order.settled", true));
        assert!(check_payload("RawEvent", &["*"], "oder.paid", true));
    }

    #[test]
    #[should_panic(
        expected = "Aghanim documents no event `player.verfy`: did you mean `player.verify`? If the name is right, write `#[webhook(\"player.verfy\", undocumented)]`"
    )]
    fn a_misspelt_name_is_corrected() {
        let _ = check_payload("PlayerVerify", &["player.verify"], "player.verfy", false);
    }

    #[test]
    #[should_panic(expected = "Aghanim documents no event `order.payed`: did you mean `order.paid`?")]
    fn a_misspelt_name_that_the_payload_covers() {
        let _ = check_payload("AnyOrder", &["order.*"], "order.payed", false);
    }

    #[test]
    #[should_panic(expected = "Aghanim documents no event `oder.paid`: did you mean `order.paid`?")]
    fn a_misspelt_family() {
        let _ = check_payload("RawEvent", &["*"], "oder.paid", false);
    }

    #[test]
    #[should_panic(expected = "Aghanim documents no event `order.settled`: if the name is right, write")]
    fn an_unknown_name_in_a_known_family() {
        let _ = check_payload("RawEvent", &["*"], "order.settled", false);
    }

    #[test]
    #[should_panic(expected = "Aghanim documents no event `analytics.chekout.*`")]
    fn a_family_without_documented_events() {
        let _ = check_payload("Analytics", &["analytics.*"], "analytics.chekout.*", false);
    }

    #[test]
    #[should_panic(
        expected = "`GuildJoined` is the payload of `guild.joined`, not of `guild.joind`: did you mean `guild.joined`?"
    )]
    fn a_misspelt_name_of_the_users_own() {
        let _ = check_payload("GuildJoined", &["guild.joined"], "guild.joind", false);
    }

    #[test]
    #[should_panic(
        expected = "`Order` is the payload of `order.paid` and `order.created`, not of `item.add`: take `ItemAdd` as the event"
    )]
    fn a_foreign_name_is_refused() {
        let _ = check_payload("Order", &["order.paid", "order.created"], "item.add", false);
    }

    #[test]
    #[should_panic(expected = "take `AnyOrder` as the event")]
    fn an_undocumented_name_needs_a_payload_too() {
        let _ = check_payload("ItemAdd", &["item.add"], "order.settled", true);
    }
}
