//! A broken payload, and a handler that takes it.

use aghanim_hooks::{Handlers, WebhookEvent, webhook, webhooks};
use serde::Deserialize;

#[derive(Deserialize, WebhookEvent)]
#[event("Guild.Joined")]
struct GuildJoined {
    guild_id: String,
}

#[webhook("guild.joined")]
async fn joined(event: GuildJoined) {
    drop(event.guild_id);
}

fn handlers() -> Handlers<()> {
    webhooks![joined]
}

fn main() {}
