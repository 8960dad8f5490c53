//! `reply` without a type.

use aghanim_hooks::WebhookEvent;
use serde::Deserialize;

#[derive(Deserialize, WebhookEvent)]
#[event("guild.joined", reply)]
struct GuildJoined {
    guild_id: String,
}

fn main() {}
