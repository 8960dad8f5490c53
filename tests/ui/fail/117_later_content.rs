//! `later` on an event of the game's own that is answered with content.

use aghanim_hooks::{WebhookEvent, webhook};

#[derive(serde::Deserialize, WebhookEvent)]
#[event("guild.joined", reply = Card)]
struct Joined {}

#[derive(serde::Serialize)]
struct Card {}

#[webhook("guild.joined", later)]
async fn joined(_event: Joined) -> Card {
    Card {}
}

fn main() {}
