use serde_json::Value;

use super::payload::payload;
use super::{Coupon, Currency, Item, Platform};
use crate::UnixTime;
use crate::open_enum::open_enum;

payload! {
    /// `payment.*`: one attempt to pay, as it stands. Answered by an acknowledgement.
    ///
    /// The events of one attempt repeat, with the same [`id`](Self#structfield.id), when amounts, fees or taxes change
    /// later, even when the status does not; a new attempt has a new id. What happened is said by the event's type.
    ///
    /// No sample of a payment has been documented: all but the id is known from Aghanim's API, and may be missing.
    ///
    /// ```
    /// use aghanim_hooks::{Event, webhook};
    /// use aghanim_hooks::events::Payment;
    ///
    /// #[webhook("payment.*")]
    /// async fn payment(event: Event<Payment>) {
    ///     match &*event.event_type {
    ///         "payment.succeeded" => println!("{} succeeded", event.data.id),
    ///         "payment.refunded" | "payment.chargeback" => println!("{} was taken back", event.data.id),
    ///         _ => {}
    ///     }
    /// }
    /// ```
    pub struct Payment {
        required {
            /// Aghanim's id of the attempt, `pmt_…`.
            pub id: String,
        }
        optional {
            /// Where the payment stands.
            pub status: Option<PaymentStatus>,
            /// The same attempt, where Aghanim's API names it.
            pub payment_id: Option<String>,
            /// Deprecated by Aghanim.
            pub payment_number: Option<String>,
            /// The order that is paid, `ord_…`.
            pub order_id: Option<String>,
            /// The number on the player's receipt.
            pub receipt_number: Option<String>,
            /// Aghanim's id of the payer.
            pub user_id: Option<String>,
            /// The game's own id of the player.
            pub player_id: Option<String>,
            /// The player's name.
            pub player_name: Option<String>,
            /// What is paid for.
            pub items: Option<Vec<Item>>,
            /// Deprecated by Aghanim in favour of [`items`](Self#structfield.items).
            pub item_id: Option<String>,
            /// Deprecated by Aghanim in favour of [`items`](Self#structfield.items).
            pub item_name: Option<String>,
            /// How it is paid, for people.
            pub payment_method_name: Option<String>,
            /// Where it was sold.
            pub sales_channel: Option<SalesChannel>,
            /// What the amounts are in.
            pub currency: Option<Currency>,
            /// How many decimal digits the minor unit of the currency is.
            pub currency_minor_unit: Option<i64>,
            /// The payer's country, ISO 3166-1 alpha-2.
            pub country: Option<String>,
            /// What is paid, in minor units.
            pub total: Option<i64>,
            /// What is paid, in US dollars.
            pub total_usd: Option<f64>,
            /// What the game earns, in US dollars.
            pub total_usd_revenue: Option<f64>,
            /// The price that the player saw, in minor units.
            pub user_local_price: Option<i64>,
            /// As it came: the shape is not documented.
            pub fees: Option<Value>,
            /// As it came: the shape is not documented.
            pub taxes: Option<Value>,
            /// The payer's profile at the checkout.
            pub checkout_profile_id: Option<String>,
            /// The last four digits of the card.
            pub card_last_4_digits: Option<String>,
            /// The card's brand.
            pub card_scheme: Option<String>,
            /// Who asked for a refund.
            pub refund_customer_id: Option<String>,
            /// Why it was refunded, for people.
            pub refund_reason: Option<String>,
            /// As it came: the shape is not documented.
            pub ip: Option<Value>,
            /// When the attempt began.
            pub created_at: Option<UnixTime>,
            /// When it last changed.
            pub modified_at: Option<UnixTime>,
            /// When the status last changed.
            pub status_updated_at: Option<UnixTime>,
            /// Why it failed, for people.
            pub fail_reason: Option<String>,
            /// Why it failed, for programs.
            pub fail_reason_code: Option<String>,
            /// Of undocumented meaning.
            pub order_field: Option<i64>,
            /// What the game attached to the order, as it came.
            pub metadata: Option<Value>,
            /// What the player plays on.
            pub platform: Option<Platform>,
            /// How the payer was authenticated.
            pub three_d_secure_flow: Option<ThreeDSecureFlow>,
            /// Whether the payer was authenticated.
            pub three_d_secure_result: Option<ThreeDSecureResult>,
            /// Reward points that were used.
            pub applied_reward_points: Option<i64>,
            /// Coupons that were used.
            pub coupons: Option<Vec<Coupon>>,
        }
    }
}

open_enum! {
    /// Where a [`Payment`] stands.
    pub enum PaymentStatus {
        Created = "created",
        Failed = "failed",
        Expired = "expired",
        Voided = "voided",
        Rejected = "rejected",
        Done = "done",
        RefundRequested = "refund_requested",
        Refunded = "refunded",
        Dispute = "dispute",
        Chargeback = "chargeback",
        Abandoned = "abandoned",
        Canceled = "canceled",
    }
}

open_enum! {
    /// Where something was sold.
    pub enum SalesChannel {
        GameHub = "game_hub",
        Checkout = "checkout",
        AndroidSdk = "android_sdk",
        CheckoutLink = "checkout_link",
    }
}

open_enum! {
    /// How 3-D Secure authenticated a payer.
    pub enum ThreeDSecureFlow {
        None = "none",
        Challenge = "challenge",
        Frictionless = "frictionless",
    }
}

open_enum! {
    /// Whether 3-D Secure authenticated a payer.
    pub enum ThreeDSecureResult {
        NotAttempted = "not_attempted",
        Authenticated = "authenticated",
        Failed = "failed",
    }
}
