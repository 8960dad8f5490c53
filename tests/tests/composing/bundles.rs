//! A library's handlers beside a game's own.

use aghanim_hooks::events::{AnyOrder, ItemAdd, Order};
use aghanim_hooks::{ConfigError, Handlers, Webhooks, webhook, webhooks};
use axum::extract::FromRef;
use serde_json::json;
use studio_events::Books;

use crate::{Endpoint, keyed, secret};

#[derive(Clone, Default)]
struct Game {
    books: Books,
}

impl FromRef<Game> for Books {
    fn from_ref(game: &Game) -> Self {
        game.books.clone()
    }
}

#[webhook("item.add")]
async fn grant(_event: ItemAdd) {}

#[webhook("order.paid")]
async fn celebrate(_event: Order) {}

#[webhook("order.*")]
async fn rest_of_orders(_event: AnyOrder) {}

#[tokio::test]
async fn a_game_merges_a_librarys_handlers() {
    let game = Game::default();
    let handlers = webhooks![grant, rest_of_orders].merge(studio_events::handlers());
    let hooks = Webhooks::new(secret(), handlers);
    assert_eq!(hooks.events().collect::<Vec<_>>(), ["item.add", "order.*", "guild.joined", "order.paid", "payment.*"]);
    let endpoint = Endpoint::new(hooks, game.clone()).await;

    let card = endpoint.send(&json!({"event_type": "guild.joined", "event_data": {"guild_id": "owls"}})).await;
    assert_eq!((card.status, card.json()), (200, json!({"motto": "owls forever"})));
    let order = json!({"id": "ord_1", "amount": 499, "currency": "USD", "items": [], "created_at": 1});
    assert_eq!(endpoint.send(&keyed("order.paid", &order)).await.status, 200);
    assert_eq!(endpoint.send(&keyed("payment.refunded", &json!({"id": "pmt_1"}))).await.status, 200);
    let granted = endpoint.send(&keyed("item.add", &json!({"player_id": "p", "items": []}))).await;
    assert_eq!(granted.status, 200);
    assert_eq!(game.books.lines(), ["order.paid ord_1 499", "payment.refunded pmt_1"]);
}

#[test]
fn two_handlers_of_one_pattern_are_found_when_the_endpoint_is_built() {
    let handlers: Handlers<Game> = webhooks![celebrate].merge(studio_events::handlers());
    let error = Webhooks::new(secret(), handlers).check().unwrap_err();
    assert!(matches!(error, ConfigError::TwoHandlers { pattern: "order.paid", .. }), "{error}");
    let error = error.to_string();
    assert!(error.contains("composing::bundles::celebrate") && error.contains("studio_events::book_order"), "{error}");
}
