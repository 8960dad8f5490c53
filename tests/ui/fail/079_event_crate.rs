//! `crate` with a relative path.

use aghanim_hooks::WebhookEvent;
use serde::Deserialize;

#[derive(Deserialize, WebhookEvent)]
#[event("guild.joined", crate = aghanim_hooks)]
struct GuildJoined {
    guild_id: String,
}

fn main() {}
