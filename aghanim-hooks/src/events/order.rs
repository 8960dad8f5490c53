use std::collections::BTreeMap;

use serde_json::Value;

use super::payload::payload;
use super::{Coupon, Currency, Item, PlayerAttributes};
use crate::UnixTime;
use crate::open_enum::open_enum;

/// The two payloads of orders differ in their required fields.
///
/// The fields that are optional in both are declared once.
macro_rules! orders {
    ($($(#[$meta:meta])* pub $field:ident: Option<$type:ty>,)+) => {
        payload! {
            /// `order.created`, `order.paid`, `order.canceled`: the current state of an order.
            ///
            /// Answered by an acknowledgement.
            ///
            /// For `order.refunded` and for the family `order.*`, use [`AnyOrder`], which has fewer required fields.
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
                    /// The amount that the player pays, in minor units of [`currency`](Self#structfield.currency).
                    pub amount: i64,
                    /// The currency of the amount.
                    pub currency: Currency,
                    /// The items that were ordered.
                    pub items: Vec<Item>,
                    /// The time at which the order was made.
                    pub created_at: UnixTime,
                }
                optional {
                    $($(#[$meta])* pub $field: Option<$type>,)+
                }
            }
        }

        payload! {
            /// `order.*`: an order of which only the id is required.
            ///
            /// Answered by an acknowledgement.
            ///
            /// No sample of `order.refunded` is documented, and Aghanim may add events of orders. This payload takes
            /// all of them. For the other three events, [`Order`] has more required fields.
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
                    /// The amount that the player pays, in minor units of [`currency`](Self#structfield.currency).
                    pub amount: Option<i64>,
                    /// The currency of the amount.
                    pub currency: Option<Currency>,
                    /// The items that were ordered.
                    pub items: Option<Vec<Item>>,
                    /// The time at which the order was made.
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
    /// The time of the last change.
    pub modified_at: Option<UnixTime>,
    /// The game's own id of the player.
    pub player_id: Option<String>,
    /// The number on the player's receipt.
    pub receipt_number: Option<String>,
    /// The status of the order.
    pub status: Option<OrderStatus>,
    /// Aghanim's id of the payer. Known from Aghanim's API, not seen in a webhook.
    pub user_id: Option<String>,
    /// The currency in which the player paid, if it differs. Since 2026-06-25.
    pub payment_currency: Option<Currency>,
    /// The game's revenue, in US dollars. Only for a paid order.
    pub revenue_usd: Option<f64>,
    /// The deductions. Only for a paid order.
    pub fees: Option<OrderFees>,
    /// The amount without discounts, in minor units.
    ///
    /// This field and all that follow are known from Aghanim's API, and were not seen in a webhook.
    pub amount_before_discount: Option<i64>,
    /// The player's email address.
    pub email: Option<String>,
    /// The player's details, as the game gave them when the order was made.
    pub player_info: Option<PlayerInfo>,
    /// The time of payment.
    pub paid_at: Option<UnixTime>,
    /// The JSON that the game attached when the order was made.
    pub metadata: Option<Value>,
    /// The time until which the order can be paid.
    pub expires_at: Option<UnixTime>,
    /// The URL of the checkout.
    pub checkout_url: Option<String>,
    /// The redirect after the payment.
    pub redirect_settings: Option<RedirectSettings>,
    /// The look of the checkout.
    pub ui_settings: Option<UiSettings>,
    /// True if coupons can be applied.
    pub coupons_enabled: Option<bool>,
    /// The reward points that were used.
    pub applied_reward_points: Option<i64>,
    /// The coupons that were used.
    pub coupons: Option<Vec<Coupon>>,
    /// The reward points that the player gets for the order.
    pub eligible_for_reward_points: Option<i64>,
    /// The loyalty points that the player gets for the order.
    pub eligible_for_loyalty_points: Option<i64>,
    /// The rewards besides the items.
    pub rewards: Option<OrderRewards>,
}

open_enum! {
    /// The status of an [`Order`].
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
    /// The deductions from a paid [`Order`], in US dollars.
    pub struct OrderFees {
        optional {
            /// Aghanim's fee.
            pub aghanim_fee_usd: Option<f64>,
            /// The payment system's fee.
            pub payment_system_fee_usd: Option<f64>,
            /// The taxes.
            pub taxes_usd: Option<f64>,
        }
    }
}

payload! {
    /// The player's details, as the game gave them when it made an [`Order`] through Aghanim's API.
    pub struct PlayerInfo {
        optional {
            /// The player's name.
            pub name: Option<String>,
            /// The URL of the player's picture.
            pub avatar_url: Option<String>,
            /// The attributes that the shop knows.
            pub attributes: Option<PlayerAttributes>,
            /// The game's own attributes, as JSON.
            pub custom_attributes: Option<BTreeMap<String, Value>>,
        }
    }
}

payload! {
    /// The redirect after the payment of an [`Order`].
    pub struct RedirectSettings {
        optional {
            /// The kind of redirect.
            pub mode: Option<RedirectMode>,
            /// The delay, in seconds.
            pub delay_seconds: Option<f64>,
            /// The target of the redirect.
            pub target: Option<RedirectTarget>,
        }
    }
}

open_enum! {
    /// The kind of redirect after a checkout.
    pub enum RedirectMode {
        NoRedirect = "no_redirect",
        Immediate = "immediate",
        Delayed = "delayed",
    }
}

open_enum! {
    /// The target of the redirect after a checkout.
    pub enum RedirectTarget {
        Game = "game",
        Store = "store",
    }
}

payload! {
    /// The look of the checkout of an [`Order`].
    pub struct UiSettings {
        optional {
            /// The colours.
            pub mode: Option<UiMode>,
            /// True if the player's name and picture are shown.
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
    /// The rewards of an [`Order`] besides its items.
    pub struct OrderRewards {
        optional {
            /// The amounts of virtual currencies.
            pub available: Option<Vec<OrderReward>>,
        }
    }
}

payload! {
    /// An amount of a virtual currency, as the reward of an [`Order`].
    pub struct OrderReward {
        optional {
            /// `type`: only `virtual_currency` is documented.
            #[serde(rename = "type")]
            pub reward_type: Option<String>,
            /// The name of the virtual currency, for people.
            pub name: Option<String>,
            /// Aghanim's id of the virtual currency.
            pub virtual_currency_id: Option<String>,
            /// The amount.
            pub amount: Option<i64>,
            /// The state of the reward.
            pub issue_status: Option<RewardIssueStatus>,
            /// The URL of its picture.
            pub icon_url: Option<String>,
            /// The game's own name for the virtual currency.
            pub sku: Option<String>,
        }
    }
}

open_enum! {
    /// The state of an [`OrderReward`].
    pub enum RewardIssueStatus {
        Issued = "issued",
        Revoked = "revoked",
        IssueFailed = "issue_failed",
        RevokeFailed = "revoke_failed",
    }
}
