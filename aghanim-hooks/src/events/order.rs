use std::collections::BTreeMap;

use serde_json::Value;

use super::payload::payload;
use super::{Coupon, Currency, Item, PlayerAttributes};
use crate::UnixTime;
use crate::open_enum::open_enum;

/// The two payloads of orders differ in what is required; what is optional in both stands here once.
macro_rules! orders {
    ($($(#[$meta:meta])* pub $field:ident: Option<$type:ty>,)+) => {
        payload! {
            /// `order.created`, `order.paid`, `order.canceled`: an order, as it stands. Answered by an acknowledgement.
            ///
            /// For `order.refunded` and for the family `order.*` there is [`AnyOrder`], which asks for less.
            ///
            /// ```
            /// use aghanim_hooks::webhook;
            /// use aghanim_hooks::events::Order;
            ///
            /// #[webhook("order.paid")]
            /// async fn paid(order: Order) {
            ///     println!("{}: {} minor units of {}", order.id, order.amount, order.currency);
            /// }
            /// ```
            pub struct Order by OrderBuilder {
                required {
                    /// Aghanim's id of the order, `ord_…`.
                    pub id: String,
                    /// What the player pays, in minor units of [`currency`](Self#structfield.currency).
                    pub amount: i64,
                    /// What the amount is in.
                    pub currency: Currency,
                    /// What was ordered.
                    pub items: Vec<Item>,
                    /// When it was made.
                    pub created_at: UnixTime,
                }
                optional {
                    $($(#[$meta])* pub $field: Option<$type>,)+
                }
            }
        }

        payload! {
            /// `order.*`: an order of which only the id is sure.
            ///
            /// No sample of `order.refunded` has been documented, and orders may get events that are not documented yet;
            /// this payload takes them all. For the other three, [`Order`] says more.
            ///
            /// ```
            /// use aghanim_hooks::{Event, webhook};
            /// use aghanim_hooks::events::AnyOrder;
            ///
            /// #[webhook("order.*")]
            /// async fn changed(event: Event<AnyOrder>) {
            ///     println!("{}: {}", event.event_type, event.data.id);
            /// }
            /// ```
            pub struct AnyOrder {
                required {
                    /// Aghanim's id of the order, `ord_…`.
                    pub id: String,
                }
                optional {
                    /// What the player pays, in minor units of [`currency`](Self#structfield.currency).
                    pub amount: Option<i64>,
                    /// What the amount is in.
                    pub currency: Option<Currency>,
                    /// What was ordered.
                    pub items: Option<Vec<Item>>,
                    /// When it was made.
                    pub created_at: Option<UnixTime>,
                    $($(#[$meta])* pub $field: Option<$type>,)+
                }
            }
        }

        impl From<Order> for AnyOrder {
            fn from(order: Order) -> Self {
                Self {
                    id: order.id,
                    amount: Some(order.amount),
                    currency: Some(order.currency),
                    items: Some(order.items),
                    created_at: Some(order.created_at),
                    $($field: order.$field,)+
                }
            }
        }
    };
}

orders! {
    /// Aghanim's id of the company.
    pub company_id: Option<String>,
    /// Aghanim's id of the game, `gm_…`.
    pub game_id: Option<String>,
    /// The player's country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// When it last changed.
    pub modified_at: Option<UnixTime>,
    /// Who ordered: the game's own id of the player.
    pub player_id: Option<String>,
    /// The number on the player's receipt.
    pub receipt_number: Option<String>,
    /// Where the order stands.
    pub status: Option<OrderStatus>,
    /// Known from Aghanim's API, not seen in a webhook.
    pub user_id: Option<String>,
    /// What the player paid in, where that differs. Since 2026-06-25.
    pub payment_currency: Option<Currency>,
    /// What the game earns, in US dollars. Only of a paid order.
    pub revenue_usd: Option<f64>,
    /// What is deducted. Only of a paid order.
    pub fees: Option<OrderFees>,
    /// The amount without discounts, in minor units. This and all that follows is known from Aghanim's API, not seen in
    /// a webhook.
    pub amount_before_discount: Option<i64>,
    /// The player's address.
    pub email: Option<String>,
    /// What the game told of the player when the order was made.
    pub player_info: Option<PlayerInfo>,
    /// When it was paid.
    pub paid_at: Option<UnixTime>,
    /// What the game attached when the order was made, as it came.
    pub metadata: Option<Value>,
    /// Until when it can be paid.
    pub expires_at: Option<UnixTime>,
    /// Where it can be paid.
    pub checkout_url: Option<String>,
    /// Where the player goes after paying.
    pub redirect_settings: Option<RedirectSettings>,
    /// What the checkout looks like.
    pub ui_settings: Option<UiSettings>,
    /// Whether coupons can be applied.
    pub coupons_enabled: Option<bool>,
    /// Reward points that were used.
    pub applied_reward_points: Option<i64>,
    /// Coupons that were used.
    pub coupons: Option<Vec<Coupon>>,
    /// Reward points that the order brings.
    pub eligible_for_reward_points: Option<i64>,
    /// Loyalty points that the order brings.
    pub eligible_for_loyalty_points: Option<i64>,
    /// What else the order brings.
    pub rewards: Option<OrderRewards>,
}

open_enum! {
    /// Where an [`Order`] stands.
    pub enum OrderStatus {
        Created = "created",
        Captured = "captured",
        Paid = "paid",
        Canceled = "canceled",
        Refunded = "refunded",
        RefundRequested = "refund_requested",
        Reattempted = "reattempted",
        Disputed = "disputed",
    }
}

payload! {
    /// What is deducted from a paid [`Order`], in US dollars.
    pub struct OrderFees {
        optional {
            /// Aghanim's part.
            pub aghanim_fee_usd: Option<f64>,
            /// The payment system's part.
            pub payment_system_fee_usd: Option<f64>,
            /// Taxes.
            pub taxes_usd: Option<f64>,
        }
    }
}

payload! {
    /// What the game told of the player when an [`Order`] was made through Aghanim's API.
    pub struct PlayerInfo {
        optional {
            /// The player's name.
            pub name: Option<String>,
            /// The player's picture.
            pub avatar_url: Option<String>,
            /// What the shop knows of the player.
            pub attributes: Option<PlayerAttributes>,
            /// The game's own attributes, as they came.
            pub custom_attributes: Option<BTreeMap<String, Value>>,
        }
    }
}

payload! {
    /// Where a player goes after paying an [`Order`].
    pub struct RedirectSettings {
        optional {
            /// Whether and when.
            pub mode: Option<RedirectMode>,
            /// After how long, in seconds.
            pub delay_seconds: Option<f64>,
            /// Where to.
            pub target: Option<RedirectTarget>,
        }
    }
}

open_enum! {
    /// Whether and when a player is sent away from the checkout.
    pub enum RedirectMode {
        NoRedirect = "no_redirect",
        Immediate = "immediate",
        Delayed = "delayed",
    }
}

open_enum! {
    /// Where a player is sent after the checkout.
    pub enum RedirectTarget {
        Game = "game",
        Store = "store",
    }
}

payload! {
    /// What the checkout of an [`Order`] looks like.
    pub struct UiSettings {
        optional {
            /// Its colours.
            pub mode: Option<UiMode>,
            /// Whether the player's name and picture are shown.
            pub show_player_info: Option<bool>,
        }
    }
}

open_enum! {
    /// The colours of a checkout.
    pub enum UiMode {
        Dark = "dark",
        Light = "light",
        Auto = "auto",
    }
}

payload! {
    /// What an [`Order`] brings besides its items.
    pub struct OrderRewards {
        optional {
            /// Virtual currencies.
            pub available: Option<Vec<OrderReward>>,
        }
    }
}

payload! {
    /// An amount of a virtual currency that an [`Order`] brings.
    pub struct OrderReward {
        optional {
            /// `type`: `virtual_currency`, so far.
            #[serde(rename = "type")]
            pub reward_type: Option<String>,
            /// Its name for people.
            pub name: Option<String>,
            /// Aghanim's id of the virtual currency.
            pub virtual_currency_id: Option<String>,
            /// How much.
            pub amount: Option<i64>,
            /// Whether the player has it yet.
            pub issue_status: Option<RewardIssueStatus>,
            /// Its picture.
            pub icon_url: Option<String>,
            /// The game's own name for it.
            pub sku: Option<String>,
        }
    }
}

open_enum! {
    /// Whether a player got an [`OrderReward`].
    pub enum RewardIssueStatus {
        Issued = "issued",
        Revoked = "revoked",
        IssueFailed = "issue_failed",
        RevokeFailed = "revoke_failed",
    }
}
