use super::Currency;
use super::payload::payload;
use crate::open_enum::open_enum;

/// The two events have the same fields, which are declared once here.
macro_rules! item_events {
    ($($(#[$meta:meta])* pub struct $name:ident { $(#[$items_meta:meta])* items })+) => {$(
        payload! {
            $(#[$meta])*
            pub struct $name {
                required {
                    /// The game's own id of the player.
                    pub player_id: String,
                    $(#[$items_meta])*
                    pub items: Vec<Item>,
                }
                optional {
                    /// The reason, for people: `Order paid ord_…`.
                    pub reason: Option<String>,
                    /// Deprecated by Aghanim in favour of [`items`](Self#structfield.items).
                    pub item_id: Option<String>,
                    /// Deprecated by Aghanim in favour of [`items`](Self#structfield.items).
                    pub sku: Option<String>,
                }
            }
        }
    )+};
}

item_events! {
    /// `item.add`: grant these items to this player.
    ///
    /// Answered by an acknowledgement.
    ///
    /// Refuse with [`Rejection::declined`](crate::Rejection::declined). Aghanim then refunds the payment, where it has
    /// enabled that for the account.
    ///
    /// Since 2026-05 Aghanim sends more attribution fields. Their names are not documented, so they are only in
    /// [`Event::data_raw`](crate::Event::data_raw).
    ///
    /// ```
    /// use aghanim_hooks::{Event, Rejection, webhook};
    /// use aghanim_hooks::events::{Item, ItemAdd};
    ///
    /// #[webhook("item.add")]
    /// async fn grant(event: ItemAdd) -> Result<(), Rejection> {
    ///     match event.items.iter().find(|item| item.sku == "retired") {
    ///         Some(item) => Err(Rejection::declined(format!("{} is no longer sold", item.name))),
    ///         None => Ok(()),
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let gems = Item::builder().id("itm_1").sku("gems_100").name("100 gems").quantity(1).build();
    /// assert!(grant(ItemAdd::new("2D2R-OP3C", [gems])).await.is_ok());
    /// # }
    /// ```
    pub struct ItemAdd {
        /// The items to grant.
        items
    }

    /// `item.remove`: take these items from this player, for example after a refund.

    ///

    /// Answered by an acknowledgement.
    ///
    /// Since 2026-05 Aghanim sends more attribution fields. Their names are not documented, so they are only in
    /// [`Event::data_raw`](crate::Event::data_raw).
    ///
    /// ```
    /// use aghanim_hooks::webhook;
    /// use aghanim_hooks::events::ItemRemove;
    ///
    /// #[webhook("item.remove")]
    /// async fn take(event: ItemRemove) {
    ///     for item in &event.items {
    ///         println!("-{} {} for {}", item.quantity, item.sku, event.player_id);
    ///     }
    /// }
    /// ```
    pub struct ItemRemove {
        /// The items to take.
        items
    }
}

payload! {
    /// An item of a grant, an order, a payment or a coupon.
    ///
    /// ```
    /// use aghanim_hooks::events::{Currency, Item};
    ///
    /// let gems = Item::builder().id("itm_1").sku("gems_100").name("100 gems").quantity(2).build();
    /// let gems = gems.price(499).currency(Currency::Usd);
    /// let pack = Item::builder().id("itm_2").sku("starter_pack").name("Starter pack").quantity(1).build();
    /// let pack = pack.nested_items([gems]);
    /// ```
    pub struct Item by ItemBuilder {
        required {
            /// Aghanim's id of the item.
            pub id: String,
            /// The game's own name for the item, unique within the game.
            pub sku: String,
            /// The item's name, for people.
            pub name: String,
            /// The number of items.
            ///
            /// To grant them, use [`checked_quantity`](Self::checked_quantity).
            pub quantity: i64,
        }
        optional {
            /// The description, for people.
            pub description: Option<String>,
            /// The price of one, in minor units of [`currency`](Self#structfield.currency).
            pub price: Option<i64>,
            /// The price of one, in whole units of [`currency`](Self#structfield.currency).
            ///
            /// To calculate, use [`price`](Self#structfield.price), which is exact.
            pub price_decimal: Option<f64>,
            /// The currency of the price.
            pub currency: Option<Currency>,
            /// `type`: the kind of item.
            #[serde(rename = "type")]
            pub item_type: Option<ItemType>,
            /// The items in a bundle or a lootbox.
            pub nested_items: Option<Vec<Item>>,
            /// The source of the item. Known from Aghanim's API, not seen in a webhook.
            pub source: Option<ItemSource>,
            /// The field is known from Aghanim's API, and was not seen in a webhook.
            pub image_url: Option<String>,
            /// The subscription plan that the player chose.
            ///
            /// Known from Aghanim's API, not seen in a webhook.
            pub selected_plan_key: Option<String>,
            /// The field is known from Aghanim's API, and was not seen in a webhook.
            pub price_point: Option<i64>,
        }
    }
}

open_enum! {
    /// The kind of an [`Item`].
    pub enum ItemType {
        Item = "item",
        Currency = "currency",
        /// Has [`nested_items`](Item#structfield.nested_items).
        Bundle = "bundle",
        Lootbox = "lootbox",
        Subscription = "subscription",
        VirtualCurrency = "virtual_currency",
    }
}

open_enum! {
    /// The source of an [`Item`].
    pub enum ItemSource {
        Order = "order",
        Bonus = "bonus",
        Bundle = "bundle",
        Coupon = "coupon",
        Lootbox = "lootbox",
        FreeItem = "free_item",
        Liveops = "liveops",
        DailyReward = "daily_reward",
        LoyaltyReward = "loyalty_reward",
        ProgressionProgram = "progression_program",
        RollingOffer = "rolling_offer",
        PickOneOffer = "pick_one_offer",
    }
}
