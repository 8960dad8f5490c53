//! Families, events that nobody has documented yet, and names that have changed.

use aghanim_hooks::events::catalogue::{self, CATALOGUE};
use aghanim_hooks::events::{Analytics, AnyOrder, Item, Order, OrderStatus, Payment, Subscription};
use aghanim_hooks::{Event, RawEvent, Rejection, UnknownEvents, webhook, webhooks};
use aghanim_hooks_tests::fixtures::{self, Kind};
use axum::extract::State;
use serde_json::json;

use crate::backend::{Backend, Game, handlers};

#[tokio::test]
async fn a_family_takes_what_aghanim_adds_to_it() {
    let backend = Backend::new(Game::default()).await;
    for (event, data) in [
        ("order.disputed", json!({"id": "ord_1"})),
        ("payment.settled", json!({"id": "pmt_1"})),
        ("subscription.paused", json!({"status": "paused"})),
        ("analytics.hub.dance", json!({})),
        ("analytics.checkout.payment_method.open", json!({"name": "checkout.payment_method", "label": "cards"})),
        ("analytics.checkout.payment_method.selected", json!({"name": "checkout.payment_method", "label": "cards"})),
    ] {
        let answer = backend.send(json!({"event_type": event, "event_data": data}).to_string()).await;
        assert_eq!(answer.status, 200, "{event}: {}", answer.json());
        let [seen] = backend.game.seen().try_into().expect("one handler, once");
        assert_eq!((&*seen.event_type, seen.data), (event, data));
    }
    let unknown = json!({"event_type": "item.polish", "event_data": {}}).to_string();
    assert_eq!(backend.send(&*unknown).await.json()["code"], "unknown_event_type");
    let lenient = Backend::with(Game::default(), handlers(), |hooks| hooks.unknown_events(UnknownEvents::Accept)).await;
    assert_eq!(lenient.send(&*unknown).await.status, 202);
}

macro_rules! handlers {
    ($($name:ident: $payload:ident = $pattern:literal;)+) => {$(
        #[webhook($pattern)]
        async fn $name(State(game): State<Game>, event: Event<$payload>) -> Result<(), Rejection> {
            game.see(&event)
        }
    )+};
}

handlers! {
    orders: AnyOrder = "order.*";
    payments: Payment = "payment.*";
    subscriptions: Subscription = "subscription.*";
    all_analytics: Analytics = "analytics.*";
    checkout: Analytics = "analytics.checkout.*";
    rest: RawEvent = "*";
}

#[tokio::test]
async fn families_and_the_rest_take_every_event() {
    let list = webhooks![orders, payments, subscriptions, all_analytics, checkout, rest];
    let backend = Backend::with(Game::default(), list, |hooks| hooks).await;
    for event in CATALOGUE {
        for kind in Kind::ALL {
            let answer = backend.send(fixtures::envelope(event.name, kind).to_string()).await;
            assert_eq!((answer.status, answer.json()), (200, json!({"status": "ok"})), "{}", event.name);
            let [seen] = backend.game.seen().try_into().expect("one handler, once");
            let raw = seen.debug.starts_with("RawEvent");
            assert_eq!(raw, !["order", "payment", "subscription", "analytics"].contains(&event.family()));
        }
    }
    let new = json!({"event_type": "guild.joined", "event_data": {"a": [1, null]}});
    assert_eq!(backend.send(new.to_string()).await.status, 200);
    assert_eq!(backend.game.seen()[0].data, new["event_data"]);
}

/// The lax and the strict payload of orders read the same values.
#[test]
fn a_strict_order_becomes_any_order() {
    for event in ["order.created", "order.paid", "order.canceled"] {
        for kind in Kind::ALL {
            let data = &fixtures::envelope(event, kind)["event_data"];
            let strict: Order = serde_json::from_value(data.clone()).unwrap();
            let lax: AnyOrder = serde_json::from_value(data.clone()).unwrap();
            assert_eq!(AnyOrder::from(strict), lax, "{event}, {kind:?}");
        }
    }
}

/// Payloads are made for tests of handlers without a request.
#[tokio::test]
async fn a_handler_is_called_with_a_made_up_event() {
    async fn reason(event: Event<AnyOrder>) -> String {
        let items = event.data.items.iter().flatten().map(|item| item.sku.as_str()).collect::<Vec<_>>().join(", ");
        format!("{}: {items}", event.data.status.unwrap())
    }
    let order = AnyOrder::new("ord_1").status(OrderStatus::Refunded).items([Item::builder()
        .id("itm_1")
        .sku("gems")
        .name("Gems")
        .quantity(3)
        .build()]);
    assert_eq!(reason(Event::new("order.refunded", order)).await, "refunded: gems");
    assert_eq!(catalogue::find("order.refunded").unwrap().payload, "AnyOrder");
}
