//! The differences between the registration at Aghanim, the file, and the handlers of an endpoint.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::events::{brought_by, subscribable, takes};
use super::webhook::Webhook;
use crate::output::printable;

/// One difference, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The two sides.
    pub between: &'static str,
    /// The webhook's id, if it is about one.
    pub webhook: String,
    /// The difference, in words.
    pub what: String,
    /// The action that removes it, in words.
    pub fix: String,
}

const FILE: &str = "Aghanim and file";
const HANDLERS: &str = "Aghanim and handlers";

/// The differences between the registration and the file.
///
/// Only documented fields count. An undocumented one may change by itself.
#[must_use]
pub fn between_file(registered: &[Webhook], file: &[Webhook]) -> Vec<Difference> {
    let mut all = Vec::new();
    let mut add = |webhook: &Webhook, what: String, fix: &str| {
        let name = if webhook.id.is_empty() { webhook.url.clone().unwrap_or_default() } else { webhook.id.clone() };
        all.push(Difference { between: FILE, webhook: printable(&name), what, fix: fix.to_owned() });
    };
    for webhook in registered {
        let Some(known) = file.iter().find(|known| is_same(known, webhook)) else {
            let what = format!("registered, and not in the file: {}", webhook.events.join(", "));
            add(webhook, what, "run `aghanim-hooks webhooks pull`");
            continue;
        };
        let (there, here) = (webhook.settings().fields(), known.settings().fields());
        for field in there.keys().chain(here.keys()).collect::<BTreeSet<_>>() {
            let (there, here) = (there.get(field), here.get(field));
            // A file that was written by hand may have the events alone.
            if here.is_some() && there != here {
                let fix = "run `aghanim-hooks webhooks pull`, or `webhooks update` if the file is right";
                add(webhook, changed(field, there, here), fix);
            }
        }
    }
    for webhook in file.iter().filter(|known| !registered.iter().any(|webhook| is_same(known, webhook))) {
        let fix = "run `aghanim-hooks webhooks pull`, or `webhooks create` if it is missed";
        add(webhook, "in the file, and not registered".to_owned(), fix);
    }
    all
}

/// The differences between the registration and an endpoint's handlers.
///
/// `handlers` are patterns such as `item.add` and `order.*`.
#[must_use]
pub fn between_handlers(registered: &[Webhook], handlers: &[String]) -> Vec<Difference> {
    let mut all = Vec::new();
    for webhook in registered {
        let brought: BTreeSet<_> = webhook.events.iter().flat_map(|event| brought_by(event)).collect();
        for event in brought.iter().filter(|event| !handlers.iter().any(|handler| takes(handler, event))) {
            all.push(Difference {
                between: HANDLERS,
                webhook: printable(&webhook.id),
                what: format!("`{}` is subscribed, and has no handler", printable(event)),
                fix: format!(
                    "add `#[webhook(\"{event}\")]`, or run `aghanim-hooks webhooks update {} --remove-event {event}`",
                    webhook.id
                ),
            });
        }
    }
    for handler in handlers.iter().filter(|handler| is_missed(handler, registered)) {
        all.push(Difference {
            between: HANDLERS,
            webhook: String::new(),
            what: format!("`{}` has a handler, and is not subscribed", printable(handler)),
            fix: format!("run `aghanim-hooks webhooks update ID --add-event {handler}`, or remove the handler"),
        });
    }
    all
}

/// True if the handler takes documented events, and no webhook subscribes to any of them. `*` is never missed.
fn is_missed(handler: &str, registered: &[Webhook]) -> bool {
    let mut events = registered.iter().flat_map(|webhook| &webhook.events);
    handler != "*"
        && subscribable().any(|event| takes(handler, event))
        && !events.any(|event| takes(handler, event) || takes(event, handler))
}

/// True if the webhook of the file is this registered one: by its id, or by its URL if the file has no id.
pub(crate) fn is_same(known: &Webhook, registered: &Webhook) -> bool {
    if known.id.is_empty() { known.url == registered.url } else { known.id == registered.id }
}

/// A changed field in words. For `events`, only the names that differ.
fn changed(field: &str, there: Option<&Value>, here: Option<&Value>) -> String {
    let names = |value: Option<&Value>| -> BTreeSet<String> {
        let names = value.and_then(Value::as_array).into_iter().flatten();
        names.filter_map(|name| name.as_str().map(printable)).collect()
    };
    if field == "events" {
        let (there, here) = (names(there), names(here));
        let list = |names: Vec<&String>| names.into_iter().cloned().collect::<Vec<_>>().join(", ");
        let more = list(there.difference(&here).collect());
        let less = list(here.difference(&there).collect());
        return match (more.is_empty(), less.is_empty()) {
            (false, true) => format!("subscribed, and not in the file: {more}"),
            (true, false) => format!("in the file, and not subscribed: {less}"),
            _ => format!("subscribed, and not in the file: {more}; in the file, and not subscribed: {less}"),
        };
    }
    let shown =
        |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), |value| printable(&value.to_string()));
    format!("`{field}` is {} at Aghanim, and {} in the file", shown(there), shown(here))
}

#[cfg(test)]
mod tests {
    use std::slice;

    use super::*;

    fn webhook(text: &str) -> Webhook {
        serde_json::from_str(text).unwrap()
    }

    fn whats(differences: &[Difference]) -> Vec<&str> {
        differences.iter().map(|difference| &*difference.what).collect()
    }

    #[test]
    fn the_same_in_another_order_does_not_differ() {
        let there = webhook(r#"{"id":"wh_1","url":"u","events":["item.add","order.*"],"updated_at":7}"#);
        let here = webhook(r#"{"id":"wh_1","url":"u","events":["order.*","item.add"]}"#);
        assert_eq!(between_file(slice::from_ref(&there), &[here]), []);
        let by_hand = webhook(r#"{"url":"u","events":["order.*","item.add"]}"#);
        assert_eq!(between_file(&[there], &[by_hand]), []);
    }

    #[test]
    fn each_difference_from_the_file_is_named() {
        let there = webhook(r#"{"id":"wh_1","url":"u","events":["item.add","order.*"],"enabled":false}"#);
        let here = webhook(r#"{"id":"wh_1","url":"u","events":["item.add","item.remove"],"enabled":true}"#);
        let differences = between_file(slice::from_ref(&there), &[here]);
        assert_eq!(
            whats(&differences),
            [
                "`enabled` is false at Aghanim, and true in the file",
                "subscribed, and not in the file: order.*; in the file, and not subscribed: item.remove",
            ]
        );
        let other = webhook(r#"{"id":"wh_2","events":["store.get"]}"#);
        assert_eq!(
            whats(&between_file(&[there], &[other])),
            ["registered, and not in the file: item.add, order.*", "in the file, and not registered"]
        );
    }

    #[test]
    fn handlers_are_compared_event_by_event() {
        let there = webhook(r#"{"id":"wh_1","events":["item.add","order.*","guild.joined"]}"#);
        let handlers = ["item.*", "order.paid", "store.get", "player.update", "guild.joined"].map(str::to_owned);
        assert_eq!(
            whats(&between_handlers(slice::from_ref(&there), &handlers)),
            [
                "`order.canceled` is subscribed, and has no handler",
                "`order.created` is subscribed, and has no handler",
                "`order.refunded` is subscribed, and has no handler",
                "`store.get` has a handler, and is not subscribed",
            ]
        );
        assert_eq!(between_handlers(&[there], &["*".to_owned()]), []);
    }
}
