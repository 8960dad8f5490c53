//! A payload of one's own does not change what the event asks for.

use aghanim_hooks::WebhookEvent;

#[derive(serde::Deserialize, WebhookEvent)]
#[event("guild.joined", "player.verify")]
struct CompositeVerify {
    account_id: String,
}

fn main() {}
