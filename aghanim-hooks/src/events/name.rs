//! The name of every event as a constant, for `#[webhook(name::ITEM_ADD)]`.
//!
//! An editor completes these and shows their meaning. A name in quotes is checked in the same way.
//!
//! ```
//! use aghanim_hooks::events::{ItemAdd, name};
//! use aghanim_hooks::webhook;
//!
//! #[webhook(name::ITEM_ADD)]
//! async fn grant(event: ItemAdd) {
//!     println!("{} items", event.items.len());
//! }
//! ```

use aghanim_hooks_macros::event_names;

use super::entries::entries;

entries!(event_names);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::catalogue::CATALOGUE;

    #[test]
    fn constants_are_the_names() {
        assert_eq!(ITEM_ADD, "item.add");
        assert_eq!(ANALYTICS_CHECKOUT_PAYMENT_METHOD_SELECT, "analytics.checkout.payment_method.select");
        assert_eq!(
            CATALOGUE.iter().find(|event| event.name == ITEM_ADD).unwrap().about,
            "A player bought or claimed items: grant them."
        );
    }
}
