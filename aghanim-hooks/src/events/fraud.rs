use super::Currency;
use super::payload::payload;
use crate::UnixTime;

payload! {
    /// `fraud.reported`: a payment is reported as fraud.
    ///
    /// Answered by an acknowledgement.
    ///
    /// ```
    /// use aghanim_hooks::webhook;
    /// use aghanim_hooks::events::FraudReported;
    ///
    /// #[webhook("fraud.reported")]
    /// async fn fraud(report: FraudReported) {
    ///     println!("{}: {} of {}", report.fraud_type, report.payment_id, report.player_id);
    /// }
    /// ```
    pub struct FraudReported by FraudReportedBuilder {
        required {
            /// Aghanim's id of the report, `frd_…`.
            pub id: String,
            /// The game's own id of the player.
            pub player_id: String,
            /// The order that was paid, `ord_…`.
            pub order_id: String,
            /// The payment, `pmt_…`.
            pub payment_id: String,
            /// The kind of fraud, such as `card_stolen`. The other values are not documented.
            pub fraud_type: String,
            /// The amount that was paid, in minor units of [`currency`](Self#structfield.currency).
            pub amount: i64,
            /// The currency of the amount.
            pub currency: Currency,
            /// The payment method, such as `cards`. The other values are not documented.
            pub payment_method: String,
            /// The time of the report.
            pub reported_at: UnixTime,
        }
    }
}
