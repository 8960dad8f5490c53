//! A union.

use aghanim_hooks::WebhookEvent;

#[derive(WebhookEvent)]
#[event("guild.joined")]
union GuildJoined {
    id: u64,
}

impl<'de> serde::Deserialize<'de> for GuildJoined {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).map(|id| Self { id })
    }
}

fn main() {}
