//! A payload with a lifetime.

use aghanim_hooks::WebhookEvent;
use serde::Deserialize;

#[derive(Deserialize, WebhookEvent)]
#[event("guild.joined")]
struct Joined<'a> {
    _member: &'a str,
}

fn main() {}
