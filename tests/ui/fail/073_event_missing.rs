//! No `#[event(…)]`.

use aghanim_hooks::WebhookEvent;
use serde::Deserialize;

#[derive(Deserialize, WebhookEvent)]
struct GuildJoined {
    guild_id: String,
}

fn main() {}
