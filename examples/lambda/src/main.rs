//! An endpoint on AWS Lambda, behind a function URL or an HTTP API of API Gateway.
//!
//! Build it with `cargo lambda build --release -p aghanim-hooks-lambda`. The function's environment needs
//! `AGHANIM_WEBHOOK_SECRET`, the webhook's secret.
//!
//! Lambda starts many processes and freezes each one after its answer. So a store in memory does not recognise a duplicate:
//! take each event once with `PostgresStore`, and run the worker of `later` handlers elsewhere.

use aghanim_hooks::events::{ItemAdd, Player, PlayerVerify};
use aghanim_hooks::{Rejection, Secret, Webhooks, webhook, webhooks};

#[webhook("player.verify")]
async fn verify_player(event: PlayerVerify) -> Result<Player, Rejection> {
    match event.player_id.as_str() {
        "2D2R-OP3C" => Ok(Player::builder().player_id(event.player_id).name("Beetle").build()),
        _ => Err(Rejection::deny("not_found", "no such player")),
    }
}

#[webhook("item.add")]
async fn add_items(event: ItemAdd) -> Result<(), Rejection> {
    for item in &event.items {
        println!("+{} {:?} for {:?}", item.checked_quantity()?, item.sku, event.player_id);
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let secret = Secret::from_env("AGHANIM_WEBHOOK_SECRET")?;
    let hooks = Webhooks::new(secret, webhooks![verify_player, add_items]);
    // The signature covers the body's bytes. `lambda_http` passes them on as they came, decoded if they are in base64.
    lambda_http::run(hooks.into_service(())?).await
}
