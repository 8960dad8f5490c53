//! `#[event(…)]` twice.

use aghanim_hooks::WebhookEvent;
use serde::Deserialize;

#[derive(Deserialize, WebhookEvent)]
#[event("guild.joined")]
#[event("guild.left")]
struct GuildJoined {
    guild_id: String,
}

fn main() {}
