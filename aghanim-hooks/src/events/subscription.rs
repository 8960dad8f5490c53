use serde_json::Value;

use super::payload::payload;
use crate::UnixTime;
use crate::open_enum::open_enum;

payload! {
    /// `subscription.*`: a player's subscription, as it stands. Answered by an acknowledgement.
    ///
    /// Whether the player has access is said by the event's type and [`effective_until`](Self#structfield.effective_until),
    /// never by the status alone: a canceled subscription runs until it ends.
    ///
    /// All but the first two fields are known from Aghanim's API, and may be missing.
    ///
    /// ```
    /// use aghanim_hooks::{Event, webhook};
    /// use aghanim_hooks::events::Subscription;
    ///
    /// #[webhook("subscription.*")]
    /// async fn subscription(event: Event<Subscription>) {
    ///     let Subscription { player_id: Some(player_id), effective_until, .. } = event.data else { return };
    ///     println!("{}: {player_id} has access until {effective_until:?}", event.event_type);
    /// }
    /// ```
    pub struct Subscription {
        required {
            /// Where the subscription stands.
            pub status: SubscriptionStatus,
        }
        optional {
            /// How long the player has access.
            pub effective_until: Option<UnixTime>,
            /// Aghanim's id of the subscription.
            pub id: Option<String>,
            /// The game's own name for what is subscribed to.
            pub sku: Option<String>,
            /// Its name for people.
            pub name: Option<String>,
            /// The order that began it, `ord_…`.
            pub order_id: Option<String>,
            /// The game's own id of the player.
            pub player_id: Option<String>,
            /// When it began.
            pub created_at: Option<UnixTime>,
            /// When it last changed.
            pub updated_at: Option<UnixTime>,
            /// What the game attached, as it came.
            pub metadata: Option<Value>,
            /// What the player chose.
            pub plan: Option<SubscriptionPlan>,
        }
    }
}

open_enum! {
    /// Where a [`Subscription`] stands.
    pub enum SubscriptionStatus {
        Trial = "trial",
        Active = "active",
        Grace = "grace",
        Canceled = "canceled",
        Locked = "locked",
        Ended = "ended",
        Expired = "expired",
        Paused = "paused",
        Pending = "pending",
    }
}

payload! {
    /// The plan of a [`Subscription`].
    pub struct SubscriptionPlan {
        optional {
            /// What programs call it.
            pub key: Option<String>,
            /// Its name for people.
            pub name: Option<String>,
            /// The offer that it was bought at.
            pub offer: Option<SubscriptionOffer>,
        }
    }
}

payload! {
    /// The offer that a [`SubscriptionPlan`] was bought at.
    pub struct SubscriptionOffer {
        optional {
            /// What programs call it.
            pub key: Option<String>,
            /// Its name for people.
            pub name: Option<String>,
        }
    }
}
