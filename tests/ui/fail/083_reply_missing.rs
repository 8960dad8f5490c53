//! A known event that asks for an answer, without `reply`.

use aghanim_hooks::WebhookEvent;
use serde::Deserialize;

#[derive(Deserialize, WebhookEvent)]
#[event("player.verify")]
struct Login {
    player_id: String,
}

fn main() {}
