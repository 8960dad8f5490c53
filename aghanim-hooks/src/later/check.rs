//! The check that an event can be handled later.

use crate::codec::ReplyKind;
use crate::events::catalogue::{CATALOGUE, EventInfo, Refusal};
use crate::pattern::{Message, covers, equal};

/// Refuses, at compile time, a `later` handler of an event whose answer matters.
///
/// # Panics
/// When `pattern` takes an event that needs more than an acknowledgement, or one whose refusal means a refund and the
/// attribute does not say `later(without_refund)`.
#[doc(hidden)]
#[must_use]
#[track_caller]
pub const fn check_later(pattern: &str, reply: ReplyKind, without_refund: bool) -> bool {
    let mut i = 0;
    while i < CATALOGUE.len() {
        let event = &CATALOGUE[i];
        i += 1;
        if !covers(pattern, event.name) {
            continue;
        }
        let message = if equal(pattern, event.name) {
            Message::new().text("`").text(pattern).text("`")
        } else {
            Message::new().text("`").text(pattern).text("` takes `").text(event.name).text("`, which")
        };
        if needs_answer(event) {
            let message = message.text(" can't be handled later: Aghanim waits for its answer. Remove `later`");
            let message = if equal(pattern, event.name) { message } else { message.text(", or name the events") };
            panic!("{}", message.as_str());
        }
        if !without_refund && refunds(event.name) {
            let message = message.text(" is refunded if it is refused, but a `later` handler refuses too late: ");
            let message = message.text("remove `later`, or write `later(without_refund)` if no refund is needed");
            panic!("{}", message.as_str());
        }
    }
    assert!(
        !matches!(reply, ReplyKind::Content),
        "a `later` handler can't answer with content: the event is acknowledged before. Remove `later`"
    );
    true
}

/// Refuses, at compile time, a `latest_of` without a transaction to compare the times in.
///
/// # Panics
/// When the handler takes no `Tx`.
#[doc(hidden)]
#[must_use]
#[track_caller]
pub const fn check_latest_of(transaction: Option<&str>) -> bool {
    assert!(
        transaction.is_some(),
        "`latest_of` compares times in the handler's transaction: add a parameter `tx: Tx<…>` before the event"
    );
    true
}

/// True if the event needs more than an acknowledgement.
const fn needs_answer(event: &EventInfo) -> bool {
    !equal(event.reply, "Ack") || matches!(event.refusal, Refusal::InBody)
}

/// True if Aghanim refunds the player when the event is refused.
const fn refunds(event: &str) -> bool {
    equal(event, "item.add") || equal(event, "item.remove")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_and_payments_can_be_handled_later() {
        for pattern in ["order.paid", "order.*", "payment.*", "analytics.*", "batch.ready", "guild.joined", "guild.*"] {
            assert!(check_later(pattern, ReplyKind::Ack, false), "{pattern}");
        }
    }

    #[test]
    #[should_panic(expected = "`player.verify` can't be handled later: Aghanim waits for its answer. Remove `later`")]
    fn an_answer_is_not_given_later() {
        let _ = check_later("player.verify", ReplyKind::Content, false);
    }

    #[test]
    #[should_panic(expected = "`player.update` can't be handled later")]
    fn an_acknowledgement_that_can_be_refused_in_the_body_is_an_answer() {
        let _ = check_later("player.update", ReplyKind::Ack, false);
    }

    #[test]
    #[should_panic(expected = "`*` takes `player.verify`, which can't be handled later")]
    fn a_family_is_as_strict_as_its_strictest_member() {
        let _ = check_later("*", ReplyKind::Any, true);
    }

    #[test]
    #[should_panic(expected = "`item.add` is refunded if it is refused, but a `later` handler refuses too late")]
    fn a_refund_is_not_given_later() {
        let _ = check_later("item.add", ReplyKind::Ack, false);
    }

    #[test]
    fn a_refund_can_be_given_up() {
        assert!(check_later("item.add", ReplyKind::Ack, true));
        assert!(check_later("item.*", ReplyKind::Ack, true));
    }

    #[test]
    #[should_panic(expected = "can't answer with content")]
    fn an_own_event_with_an_answer_is_refused_too() {
        let _ = check_later("guild.joined", ReplyKind::Content, false);
    }

    #[test]
    #[should_panic(expected = "add a parameter `tx: Tx<…>`")]
    fn times_are_compared_in_a_transaction() {
        let _ = check_latest_of(None);
    }
}
