//! The game's server behind the command: the one of `examples/src/bin/quickstart.rs`, and one that grants twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aghanim_hooks::events::{ItemAdd, Player, PlayerVerify};
use aghanim_hooks::idempotency::MemoryStore;
use aghanim_hooks::{Rejection, Webhooks, webhook, webhooks};
use aghanim_hooks_tests::Server;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::json;

use crate::listen::secret;

#[webhook("player.verify")]
async fn verify(event: PlayerVerify) -> Result<Player, Rejection> {
    if !is_known(&event.player_id) {
        return Err(Rejection::deny("not_found", "no such player"));
    }
    Ok(Player::builder().player_id(event.player_id).name("Test Player").build())
}

#[webhook("item.add")]
async fn grant(event: ItemAdd) -> Result<(), Rejection> {
    if is_known(&event.player_id) { Ok(()) } else { Err(Rejection::deny("declined", "no such player")) }
}

fn is_known(player_id: &str) -> bool {
    ["testplayer", "2D2R-OP3C"].contains(&player_id)
}

/// A receiver that grants each key once.
pub(crate) async fn careful() -> Server {
    let hooks = Webhooks::new(secret(), webhooks![verify, grant]).idempotency(MemoryStore::new());
    Server::start(Router::new().route("/webhook", post(hooks))).await.unwrap()
}

/// A receiver that grants a duplicate again, and says so in its answer.
pub(crate) async fn careless() -> Server {
    let granted = Arc::new(AtomicU64::new(0));
    let grant =
        move || async move { Json(json!({ "status": "ok", "granted": granted.fetch_add(1, Ordering::Relaxed) + 1 })) };
    Server::start(Router::new().route("/webhook", post(grant))).await.unwrap()
}
