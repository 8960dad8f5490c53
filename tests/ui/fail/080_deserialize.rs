//! A payload without `Deserialize`.

use aghanim_hooks::WebhookEvent;

#[derive(WebhookEvent)]
#[event("guild.joined")]
struct GuildJoined {
    guild_id: String,
}

fn main() {}
