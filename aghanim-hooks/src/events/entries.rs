//! The list of every event that Aghanim documents.
//!
//! An event is added here, and nowhere else in the library.

/// Calls a macro with every event, by payload: `Payload: [patterns] => Reply { events }`.
///
/// A handler of the payload can have the patterns. They cover the events, and exact names come before families. The doc
/// comment of an event is its meaning, in one sentence. The calls after its name are the facts about it: methods of
/// [`EventInfo`](super::catalogue::EventInfo).
macro_rules! entries {
    ($then:ident) => {
        $then! {
            PlayerVerify: ["player.verify"] => Player {
                /// A player logs in to the web shop with an id: answer who this is.
                "player.verify".key_null().never_batched(),
            }
            PlayerLookup: ["player.lookup"] => FoundPlayers {
                /// Aghanim searches for a player by the fields that the game configured: answer which players match.
                "player.lookup".refused_in_body().never_batched(),
            }
            PlayerUpdate: ["player.update"] => Ack {
                /// A player's profile changed at Aghanim.
                // Batches hold only events that a webhook can subscribe to.
                "player.update".refused_in_body().never_batched().never_subscribed(),
            }
            MarketingConsentUpdated: ["player.marketing_consent.updated"] => Ack {
                /// A player gave or withdrew the consent to marketing.
                "player.marketing_consent.updated".key_null(),
            }
            PlayerIsIdle: ["player.is_idle"] => AnyReply {
                /// A player has been idle.
                "player.is_idle",
            }
            StoreGet: ["store.get"] => StoreItems {
                /// A player opens the web shop: answer which items to show, in which order.
                "store.get".key_varies().never_batched(),
            }
            ItemAdd: ["item.add"] => Ack {
                /// A player bought or claimed items: grant them.
                "item.add".keyed().never_batched(),
            }
            ItemRemove: ["item.remove"] => Ack {
                /// A purchase was undone: take the items away.
                "item.remove".keyed().never_batched(),
            }
            Order: ["order.created", "order.paid", "order.canceled"] => Ack {
                /// A player created an order. It is not paid yet.
                "order.created".keyed(),
                /// An order was paid.
                "order.paid".keyed(),
                /// An order was canceled.
                "order.canceled".keyed(),
            }
            AnyOrder: ["order.*"] => Ack {
                /// An order was refunded.
                "order.refunded".keyed(),
            }
            Payment: ["payment.*"] => Ack {
                /// A payment is being processed.
                "payment.pending".keyed(),
                /// A payment succeeded.
                "payment.succeeded".keyed(),
                /// The player left before paying.
                "payment.abandoned".keyed(),
                /// A payment was canceled.
                "payment.canceled".keyed(),
                /// The bank or the payment system declined a payment.
                "payment.declined".keyed(),
                /// A payment was not completed in time.
                "payment.expired".keyed(),
                /// A payment was rejected.
                "payment.rejected".keyed(),
                /// A payment was voided before it was captured.
                "payment.voided".keyed(),
                /// A payment was refunded.
                "payment.refunded".keyed(),
                /// The payer disputes a payment.
                "payment.dispute".keyed(),
                /// The payer's bank took a payment back.
                "payment.chargeback".keyed(),
            }
            FraudReported: ["fraud.reported"] => Ack {
                /// A payment was reported as fraud.
                "fraud.reported".keyed(),
            }
            Subscription: ["subscription.*"] => Ack {
                /// A subscription began.
                "subscription.activated".keyed(),
                /// A subscription changed.
                "subscription.updated".keyed(),
                /// A subscription was renewed.
                "subscription.renewed".keyed(),
                /// A subscription ended.
                "subscription.deactivated".keyed(),
            }
            CouponRedeemed: ["coupon.redeemed"] => Ack {
                /// A player redeemed a coupon.
                "coupon.redeemed".keyed(),
            }
            InGameMessage: ["ingame.push", "ingame.popup"] => Ack {
                /// A campaign sends a push notification to a player.
                "ingame.push".key_null(),
                /// A campaign shows a popup to a player in the game.
                "ingame.popup",
            }
            CampaignCustom: ["campaign.custom"] => Ack {
                /// A campaign sends an event of the game's own.
                "campaign.custom",
            }
            BatchReady: ["batch.ready"] => Ack {
                /// A file with a batch of events is ready to be downloaded.
                "batch.ready".never_batched(),
            }
            Analytics: ["analytics.*"] => Ack {
                /// A player signed up in the web shop.
                "analytics.hub.sign_up",
                /// A player logged in to the web shop.
                "analytics.hub.login",
                /// A player clicked on a buy button.
                "analytics.hub.buy_click",
                /// A player claimed a free item.
                "analytics.hub.free_item_claimed",
                /// A player opened the checkout.
                "analytics.checkout.pageview",
                /// The checkout's page became visible.
                "analytics.checkout.pageshow",
                /// The checkout's page was hidden.
                "analytics.checkout.pagehide",
                /// A player left the checkout's page.
                "analytics.checkout.pageexit",
                /// A player went back from the checkout to the store.
                "analytics.checkout.back_store",
                /// A player went back from the checkout to the game.
                "analytics.checkout.back_game",
                /// A player submitted the payment form.
                "analytics.checkout.submit_payment_form",
                /// A player selected a payment method.
                "analytics.checkout.payment_method.select".once_called(&[
                    "analytics.checkout.payment_method.open",
                    "analytics.checkout.payment_method.selected",
                ]),
                /// A player closed a payment method.
                "analytics.checkout.payment_method.close",
            }
        }
    };
}

pub(crate) use entries;
