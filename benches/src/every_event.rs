//! A handler for each of 48 event types, to find one among many.

use aghanim_hooks::{AnyReply, Handlers, RawEvent, webhook, webhooks};

macro_rules! handlers {
    ($($name:literal $function:ident,)*) => {
        /// The names, in the order of the list.
        pub const NAMES: &[&str] = &[$($name),*];

        $(
            #[webhook($name)]
            async fn $function(event: RawEvent) -> AnyReply {
                std::hint::black_box(&event);
                AnyReply::ack()
            }
        )*

        /// One handler for each name.
        #[must_use]
        pub fn handlers() -> Handlers<()> {
            webhooks![$($function),*]
        }
    };
}

handlers! {
    "player.verify" player_verify,
    "player.lookup" player_lookup,
    "player.update" player_update,
    "player.is_idle" player_is_idle,
    "player.marketing_consent.updated" consent_updated,
    "campaign.custom" campaign_custom,
    "batch.ready" batch_ready,
    "store.get" store_get,
    "item.add" item_add,
    "item.remove" item_remove,
    "order.created" order_created,
    "order.paid" order_paid,
    "order.canceled" order_canceled,
    "order.refunded" order_refunded,
    "payment.succeeded" payment_succeeded,
    "payment.abandoned" payment_abandoned,
    "payment.canceled" payment_canceled,
    "payment.chargeback" payment_chargeback,
    "payment.declined" payment_declined,
    "payment.dispute" payment_dispute,
    "payment.expired" payment_expired,
    "payment.pending" payment_pending,
    "payment.refunded" payment_refunded,
    "payment.rejected" payment_rejected,
    "payment.voided" payment_voided,
    "fraud.reported" fraud_reported,
    "subscription.activated" subscription_activated,
    "subscription.updated" subscription_updated,
    "subscription.renewed" subscription_renewed,
    "subscription.deactivated" subscription_deactivated,
    "coupon.redeemed" coupon_redeemed,
    "ingame.push" ingame_push,
    "ingame.popup" ingame_popup,
    "analytics.hub.sign_up" hub_sign_up,
    "analytics.hub.login" hub_login,
    "analytics.hub.buy_click" hub_buy_click,
    "analytics.hub.free_item_claimed" hub_free_item_claimed,
    "analytics.checkout.pageview" checkout_pageview,
    "analytics.checkout.pageshow" checkout_pageshow,
    "analytics.checkout.pagehide" checkout_pagehide,
    "analytics.checkout.pageexit" checkout_pageexit,
    "analytics.checkout.back_store" checkout_back_store,
    "analytics.checkout.back_game" checkout_back_game,
    "analytics.checkout.submit_payment_form" checkout_submit,
    "analytics.checkout.payment_method.select" checkout_select,
    "analytics.checkout.payment_method.close" checkout_close,
    "analytics.checkout.payment_method.open" checkout_open,
    "analytics.checkout.payment_method.selected" checkout_selected,
}
