//! The names of events that can be subscribed to.

use aghanim_hooks::events::catalogue::CATALOGUE;

/// The documented families. Subscribing to one is subscribing to each event of it.
const FAMILIES: [&str; 2] = ["order.*", "payment.*"];

/// The documented events that can be subscribed to, without families.
pub fn subscribable() -> impl Iterator<Item = &'static str> {
    CATALOGUE.iter().filter(|event| event.subscribable).map(|event| event.name)
}

/// True if a pattern, such as `order.paid`, `order.*` or `*`, takes this event or family.
#[must_use]
pub fn takes(pattern: &str, event: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => event.starts_with(beginning),
        None => pattern == event,
    }
}

/// The events that a subscription brings: those of a family, or the event itself.
#[must_use]
pub fn brought_by(subscription: &str) -> Vec<&str> {
    let is_family = subscription.ends_with('*');
    let family: Vec<_> = subscribable().filter(|event| is_family && takes(subscription, event)).collect();
    if family.is_empty() { vec![subscription] } else { family }
}

/// Checks the name of an event that is to be subscribed to.
///
/// # Errors
/// A text with the documented names of the same family.
pub fn check(name: &str) -> Result<(), String> {
    if FAMILIES.contains(&name) || subscribable().any(|event| event == name) {
        return Ok(());
    }
    let family = name.split('.').next().unwrap_or_default();
    let mut near: Vec<_> = subscribable().filter(|event| event.split('.').next() == Some(family)).collect();
    if near.is_empty() {
        near.extend(["player.verify", "item.add", "order.*"]);
    }
    Err(format!(
        "`{name}` is not documented as an event that can be subscribed to: write one such as {}, or add --undocumented",
        near.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_name_is_accepted_and_a_misspelt_one_is_not() {
        assert_eq!(subscribable().count() + FAMILIES.len(), 47, "the API document lists 47");
        assert!(subscribable().chain(FAMILIES).all(|name| check(name).is_ok()));
        assert!(check("item.ad").unwrap_err().contains("item.add, item.remove"));
        assert!(check("player.update").is_err(), "it is documented, but not as one that can be subscribed to");
    }

    #[test]
    fn a_family_brings_its_events() {
        assert!(brought_by("order.*").contains(&"order.paid") && !brought_by("order.*").contains(&"order.*"));
        assert_eq!(brought_by("order.paid"), ["order.paid"]);
        assert_eq!(brought_by("guild.*"), ["guild.*"]);
    }
}
