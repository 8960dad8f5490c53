//! A bad name.

use aghanim_hooks::WebhookEvent;
use serde::Deserialize;

#[derive(Deserialize, WebhookEvent)]
#[event("Guild.Joined")]
struct GuildJoined {
    guild_id: String,
}

fn main() {}
