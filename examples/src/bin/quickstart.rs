//! The single-endpoint server of Aghanim's documentation.
//!
//! Run `cargo run --bin quickstart`, then paste the commands that it prints.
//! `AGHANIM_WEBHOOK_SECRET` is the webhook's secret, `PORT` the port (8000).

use aghanim_hooks::events::{ItemAdd, ItemRemove, Order, Player, PlayerVerify};
use aghanim_hooks::idempotency::MemoryStore;
use aghanim_hooks::{Event, Rejection, Secret, Webhooks, webhook, webhooks};
use aghanim_hooks_examples::{curl, listen, secret, serve, shown};
use axum::{Router, routing::post};

fn is_known(player_id: &str) -> bool {
    ["testplayer", "2D2R-OP3C"].contains(&player_id)
}

#[webhook("player.verify")]
async fn verify_player(event: PlayerVerify) -> Result<Player, Rejection> {
    if !is_known(&event.player_id) {
        return Err(Rejection::deny("not_found", "no such player"));
    }
    Ok(Player::builder().player_id(event.player_id).name("Test Player").build())
}

#[webhook("item.add")]
async fn add_items(event: ItemAdd) -> Result<(), Rejection> {
    if !is_known(&event.player_id) {
        return Err(Rejection::deny("declined", "no such player"));
    }
    for item in &event.items {
        println!("+{} {} for {}", item.checked_quantity()?, shown(&item.sku), shown(&event.player_id));
    }
    Ok(())
}

#[webhook("item.remove")]
async fn remove_items(event: ItemRemove) -> Result<(), Rejection> {
    for item in &event.items {
        println!("-{} {} for {}", item.checked_quantity()?, shown(&item.sku), shown(&event.player_id));
    }
    Ok(())
}

#[webhook("order.paid")]
async fn order_paid(event: Event<Order>) {
    let order = &event.data;
    println!("order {} is paid: {} {}", shown(&order.id), order.amount, shown(order.currency.as_str()));
}

fn app(secret: Secret) -> Router {
    let handlers = webhooks![verify_player, add_items, remove_items, order_paid];
    Router::new().route("/webhook", post(Webhooks::new(secret, handlers).idempotency(MemoryStore::new())))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let (secret, listener) = (secret()?, listen().await?);

    let items = r#"[{"id":"itm_1","sku":"gems_100","name":"100 gems","quantity":1}]"#;
    let player = format!(r#"{{"player_id":"2D2R-OP3C","items":{items}}}"#);
    let order = format!(r#"{{"id":"ord_1","amount":499,"currency":"USD","items":{items},"created_at":1714147200}}"#);
    for (event, data) in [
        ("player.verify", r#"{"player_id":"2D2R-OP3C"}"#),
        ("item.add", &player),
        ("item.remove", &player),
        ("order.paid", &order),
    ] {
        println!("\n{}", curl(&secret, &listener, event, data));
    }

    serve(listener, app(secret)).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use aghanim_hooks::testing::conformance::{Options, conformance};
    use aghanim_hooks::testing::{Sample, TestClient};

    use super::*;

    fn client() -> TestClient {
        let secret = Secret::new("whsec_for_tests_only").unwrap();
        TestClient::new(app(secret.clone()), secret)
    }

    #[tokio::test]
    async fn a_player_it_knows_is_found() {
        assert_eq!(client().send(PlayerVerify::sample()).await.unwrap().name, "Test Player");
    }

    #[tokio::test]
    async fn a_player_it_does_not_know_is_not_found() {
        let refused = client().send(PlayerVerify::new("nobody")).await.unwrap_err();
        assert_eq!((refused.status(), refused.code.as_str()), (404, "not_found"));
    }

    #[tokio::test]
    async fn a_purchase_for_a_player_it_does_not_know_is_declined() {
        let mut purchase = ItemAdd::sample();
        purchase.player_id = "nobody".to_owned();
        let refused = client().send(purchase).await.unwrap_err();
        assert_eq!((refused.status(), refused.code.as_str()), (400, "declined"));
    }

    #[tokio::test]
    async fn a_purchase_sent_again_gets_the_same_answer() {
        client().send(ItemAdd::sample()).at_once(4).await.same().unwrap();
    }

    #[tokio::test]
    async fn the_whole_endpoint_is_right() {
        let secret = Secret::new("whsec_for_tests_only").unwrap();
        conformance(&client(), Options::new(secret)).await.assert_passed();
    }
}
