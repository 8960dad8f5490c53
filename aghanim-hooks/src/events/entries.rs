//! The list of every event that Aghanim documents. An event is added here, and nowhere else in the library.

/// Calls a macro with every event, by payload: `Payload: [patterns] => Reply { events }`.
///
/// The patterns are those that a handler of the payload can have, exact names before families; they cover the events. Behind
/// an event's name stand the facts about it, which are methods of [`EventInfo`](super::catalogue::EventInfo).
macro_rules! entries {
    ($then:ident) => {
        $then! {
            PlayerVerify: ["player.verify"] => Player {
                "player.verify".key_null().never_batched(),
            }
            PlayerLookup: ["player.lookup"] => FoundPlayers {
                "player.lookup".refused_in_body().never_batched(),
            }
            PlayerUpdate: ["player.update"] => Ack {
                // In no batch, as a batch is a matter of a subscription.
                "player.update".refused_in_body().never_batched().never_subscribed(),
            }
            MarketingConsentUpdated: ["player.marketing_consent.updated"] => Ack {
                "player.marketing_consent.updated".key_null(),
            }
            PlayerIsIdle: ["player.is_idle"] => AnyReply {
                "player.is_idle",
            }
            StoreGet: ["store.get"] => StoreItems {
                "store.get".key_varies().never_batched(),
            }
            ItemAdd: ["item.add"] => Ack {
                "item.add".keyed().never_batched(),
            }
            ItemRemove: ["item.remove"] => Ack {
                "item.remove".keyed().never_batched(),
            }
            Order: ["order.created", "order.paid", "order.canceled"] => Ack {
                "order.created".keyed(),
                "order.paid".keyed(),
                "order.canceled".keyed(),
            }
            AnyOrder: ["order.*"] => Ack {
                "order.refunded".keyed(),
            }
            Payment: ["payment.*"] => Ack {
                "payment.pending".keyed(),
                "payment.succeeded".keyed(),
                "payment.abandoned".keyed(),
                "payment.canceled".keyed(),
                "payment.declined".keyed(),
                "payment.expired".keyed(),
                "payment.rejected".keyed(),
                "payment.voided".keyed(),
                "payment.refunded".keyed(),
                "payment.dispute".keyed(),
                "payment.chargeback".keyed(),
            }
            FraudReported: ["fraud.reported"] => Ack {
                "fraud.reported".keyed(),
            }
            Subscription: ["subscription.*"] => Ack {
                "subscription.activated".keyed(),
                "subscription.updated".keyed(),
                "subscription.renewed".keyed(),
                "subscription.deactivated".keyed(),
            }
            CouponRedeemed: ["coupon.redeemed"] => Ack {
                "coupon.redeemed".keyed(),
            }
            InGameMessage: ["ingame.push", "ingame.popup"] => Ack {
                "ingame.push".key_null(),
                "ingame.popup",
            }
            CampaignCustom: ["campaign.custom"] => Ack {
                "campaign.custom",
            }
            BatchReady: ["batch.ready"] => Ack {
                "batch.ready".never_batched(),
            }
            Analytics: ["analytics.*"] => Ack {
                "analytics.hub.sign_up",
                "analytics.hub.login",
                "analytics.hub.buy_click",
                "analytics.hub.free_item_claimed",
                "analytics.checkout.pageview",
                "analytics.checkout.pageshow",
                "analytics.checkout.pagehide",
                "analytics.checkout.pageexit",
                "analytics.checkout.back_store",
                "analytics.checkout.back_game",
                "analytics.checkout.submit_payment_form",
                "analytics.checkout.payment_method.select".once_called(&[
                    "analytics.checkout.payment_method.open",
                    "analytics.checkout.payment_method.selected",
                ]),
                "analytics.checkout.payment_method.close",
            }
        }
    };
}

pub(crate) use entries;
