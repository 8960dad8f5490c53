use serde_json::Value;

use super::payload::payload;
use crate::UnixTime;
use crate::open_enum::open_enum;

payload! {
    /// `subscription.*`: the current state of a player's subscription.
    ///
    /// Answered by an acknowledgement.
    ///
    /// Decide on access by the event's type and [`effective_until`](Self#structfield.effective_until), not by the
    /// status alone: a canceled subscription runs until it ends.
    ///
    /// The fields after the first two are known from Aghanim's API, and may be missing.
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
            /// The status of the subscription.
            pub status: SubscriptionStatus,
        }
        optional {
            /// The time until which the player has access.
            pub effective_until: Option<UnixTime>,
            /// Aghanim's id of the subscription.
            pub id: Option<String>,
            /// The game's own name for the subscription.
            pub sku: Option<String>,
            /// The name, for people.
            pub name: Option<String>,
            /// The order that started it, `ord_…`.
            pub order_id: Option<String>,
            /// The game's own id of the player.
            pub player_id: Option<String>,
            /// The time at which it started.
            pub created_at: Option<UnixTime>,
            /// The time of the last change.
            pub updated_at: Option<UnixTime>,
            /// The JSON that the game attached.
            pub metadata: Option<Value>,
            /// The plan that the player chose.
            pub plan: Option<SubscriptionPlan>,
        }
    }
}

open_enum! {
    /// The status of a [`Subscription`].
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
            /// The name, for programs.
            pub key: Option<String>,
            /// The name, for people.
            pub name: Option<String>,
            /// The offer at which it was bought.
            pub offer: Option<SubscriptionOffer>,
        }
    }
}

payload! {
    /// The offer at which a [`SubscriptionPlan`] was bought.
    pub struct SubscriptionOffer {
        optional {
            /// The name, for programs.
            pub key: Option<String>,
            /// The name, for people.
            pub name: Option<String>,
        }
    }
}
