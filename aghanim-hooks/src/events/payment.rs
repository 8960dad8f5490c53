use serde_json::Value;

use super::payload::payload;
use super::{Coupon, Currency, Item, Platform};
use crate::UnixTime;
use crate::open_enum::open_enum;

payload! {
    /// `payment.*`: the current state of one attempt to pay.
    ///
    /// Answered by an acknowledgement.
    ///
    /// The event's type says what happened. The events of one attempt repeat when amounts, fees or taxes change later,
    /// even with the same status. They then have the same [`id`](Self#structfield.id). A new attempt has a new id.
    ///
    /// No sample of a payment is documented. Every field but the id is known from Aghanim's API, and may be missing.
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
            /// The status of the payment.
            pub status: Option<PaymentStatus>,
            /// The id of the same attempt, in Aghanim's API.
            pub payment_id: Option<String>,
            /// Aghanim's former number of the payment. Deprecated by Aghanim.
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
            /// The items that are paid for.
            pub items: Option<Vec<Item>>,
            /// Deprecated by Aghanim in favour of [`items`](Self#structfield.items).
            pub item_id: Option<String>,
            /// Deprecated by Aghanim in favour of [`items`](Self#structfield.items).
            pub item_name: Option<String>,
            /// The name of the payment method, for people.
            pub payment_method_name: Option<String>,
            /// The place of the sale.
            pub sales_channel: Option<SalesChannel>,
            /// The currency of the amounts.
            pub currency: Option<Currency>,
            /// The number of decimal digits between the currency and its minor unit.
            pub currency_minor_unit: Option<i64>,
            /// The payer's country, ISO 3166-1 alpha-2.
            pub country: Option<String>,
            /// The amount that is paid, in minor units.
            pub total: Option<i64>,
            /// The amount that is paid, in US dollars.
            pub total_usd: Option<f64>,
            /// The game's revenue, in US dollars.
            pub total_usd_revenue: Option<f64>,
            /// The price that the player saw, in minor units.
            pub user_local_price: Option<i64>,
            /// JSON whose shape is not documented.
            pub fees: Option<Value>,
            /// JSON whose shape is not documented.
            pub taxes: Option<Value>,
            /// The id of the payer's profile at the checkout.
            pub checkout_profile_id: Option<String>,
            /// The last four digits of the card.
            pub card_last_4_digits: Option<String>,
            /// The card's brand.
            pub card_scheme: Option<String>,
            /// The id of the customer who asked for a refund.
            pub refund_customer_id: Option<String>,
            /// The reason of the refund, for people.
            pub refund_reason: Option<String>,
            /// JSON whose shape is not documented.
            pub ip: Option<Value>,
            /// The time at which the attempt began.
            pub created_at: Option<UnixTime>,
            /// The time of the last change.
            pub modified_at: Option<UnixTime>,
            /// The time of the last change of the status.
            pub status_updated_at: Option<UnixTime>,
            /// The reason of the failure, for people.
            pub fail_reason: Option<String>,
            /// The reason of the failure, for programs.
            pub fail_reason_code: Option<String>,
            /// The meaning of this field is not documented.
            pub order_field: Option<i64>,
            /// The JSON that the game attached to the order.
            pub metadata: Option<Value>,
            /// The platform of the player.
            pub platform: Option<Platform>,
            /// The flow of the payer's authentication.
            pub three_d_secure_flow: Option<ThreeDSecureFlow>,
            /// The result of the payer's authentication.
            pub three_d_secure_result: Option<ThreeDSecureResult>,
            /// The reward points that were used.
            pub applied_reward_points: Option<i64>,
            /// The coupons that were used.
            pub coupons: Option<Vec<Coupon>>,
        }
    }
}

open_enum! {
    /// The status of a [`Payment`].
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
    /// The place of a sale.
    pub enum SalesChannel {
        GameHub = "game_hub",
        Checkout = "checkout",
        AndroidSdk = "android_sdk",
        CheckoutLink = "checkout_link",
    }
}

open_enum! {
    /// The flow by which 3-D Secure authenticated a payer.
    pub enum ThreeDSecureFlow {
        None = "none",
        Challenge = "challenge",
        Frictionless = "frictionless",
    }
}

open_enum! {
    /// The result of 3-D Secure for a payer.
    pub enum ThreeDSecureResult {
        NotAttempted = "not_attempted",
        Authenticated = "authenticated",
        Failed = "failed",
    }
}
