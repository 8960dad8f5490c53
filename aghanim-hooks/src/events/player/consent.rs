use crate::UnixTime;
use crate::events::payload::payload;

payload! {
    /// `player.marketing_consent.updated`: a player allows marketing, or no longer. Answered by an acknowledgement.
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
            /// The consent to mails.
            pub email: Option<EmailConsent>,
        }
    }
}

payload! {
    /// Whether mails may be sent to an address.
    pub struct EmailConsent {
        required {
            /// Where to.
            pub address: String,
        }
        optional {
            /// Since when they may.
            pub granted_at: Option<UnixTime>,
            /// Since when they may no longer.
            pub revoked_at: Option<UnixTime>,
        }
    }
}
