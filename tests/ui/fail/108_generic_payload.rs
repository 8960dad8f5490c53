//! A payload with a type parameter.

use aghanim_hooks::WebhookEvent;
use serde::Deserialize;

#[derive(Deserialize, WebhookEvent)]
#[event("guild.joined")]
struct Joined<T> {
    _member: T,
}

fn main() {}
