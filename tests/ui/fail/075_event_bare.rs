//! `#[event]` without a name.

use aghanim_hooks::WebhookEvent;
use serde::Deserialize;

#[derive(Deserialize, WebhookEvent)]
#[event]
struct GuildJoined {
    guild_id: String,
}

fn main() {}
