//! A reply that is no reply.

use aghanim_hooks::WebhookEvent;
use serde::Deserialize;

#[derive(Deserialize, WebhookEvent)]
#[event("guild.joined", reply = GuildCard)]
struct GuildJoined {
    guild_id: String,
}

struct GuildCard;

fn main() {}
