use crate::UnixTime;
use crate::events::payload::payload;

payload! {
    /// `player.marketing_consent.updated`: a player's consent changed.
    ///
    /// Answered by an acknowledgement.
    ///
    /// ```
    /// use aghanim_hooks::webhook;
    /// use aghanim_hooks::events::MarketingConsentUpdated;
    ///
    /// #[webhook("player.marketing_consent.updated")]
    /// async fn consent(event: MarketingConsentUpdated) {
    ///     let Some(email) = event.email else { return };
    ///     let allowed = email.granted_at > email.revoked_at;
    ///     println!("{} may be written to: {allowed}", email.address);
    /// }
    /// ```
    pub struct MarketingConsentUpdated {
        required {
            /// The game's own id of the player.
            pub player_id: String,
        }
        optional {
            /// The consent to emails.
            pub email: Option<EmailConsent>,
        }
    }
}

payload! {
    /// The consent to emails to one address.
    pub struct EmailConsent {
        required {
            /// The email address.
            pub address: String,
        }
        optional {
            /// The time at which the player consented.
            pub granted_at: Option<UnixTime>,
            /// The time at which the player revoked the consent.
            pub revoked_at: Option<UnixTime>,
        }
    }
}
