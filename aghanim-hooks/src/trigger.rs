use crate::open_enum::open_enum;

open_enum! {
    /// The cause of an event: `trigger` of the envelope.
    ///
    /// The values are those of Aghanim's documented samples.
    pub enum Trigger {
        /// A player logs in to the hub.
        HubLogin = "hub.login",
        /// A player opens the store.
        HubStoreOpen = "hub.store.open",
        /// A player redeems a coupon.
        HubRedeem = "hub.redeem",
        /// A player buys in the hub.
        HubPurchase = "hub.purchase",
        /// A player does something in the hub.
        HubInteract = "hub.interact",
        /// A player does something at the checkout.
        CheckoutInteract = "checkout.interact",
        /// An action of a live-ops campaign.
        LiveopsExecuteAction = "liveops.execute_action",
        /// The game granted a consent through Aghanim's API.
        S2sMarketingConsentGrant = "s2s.player.marketing_consent.grant",
        /// The game revoked a consent through Aghanim's API.
        S2sMarketingConsentRevoke = "s2s.player.marketing_consent.revoke",
        /// Somebody revoked a consent in the dashboard.
        DashboardMarketingConsentRevoke = "dashboard.player.marketing_consent.revoke",
        /// The player revoked a consent in the checkout's profile.
        CheckoutProfileMarketingConsentRevoke = "checkout_profile.player.marketing_consent.revoke",
        /// The dashboard's test event.
        Test = "test",
    }
}
