//! A misspelt key.

use aghanim_hooks::WebhookEvent;
use serde::Deserialize;

#[derive(Deserialize, WebhookEvent)]
#[event("guild.joined", repyl = String)]
struct GuildJoined {
    guild_id: String,
}

fn main() {}
