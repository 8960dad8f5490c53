//! The OpenAPI document of a game's own list of handlers, checked in and compared by a test.
//!
//! `cargo run --bin contract` prints it, and `cargo run --bin contract > examples/contract.openapi.json` renews the file.
//! The test at the end fails when the file is out of date, and names what would break a partner who relies on it.

use aghanim_hooks::documents::Contract;
use aghanim_hooks::events::{ItemAdd, Player, PlayerVerify};
use aghanim_hooks::{Rejection, Secret, WebhookEvent, Webhooks, webhook, webhooks};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An event of the game's own, from its matchmaking service.
#[derive(Deserialize, JsonSchema, WebhookEvent)]
#[event("guild.joined", reply = GuildCard)]
struct GuildJoined {
    /// The guild's id in the game.
    guild_id: String,
    /// The player who sent the invitation.
    invited_by: Option<String>,
}

/// The card that greets a new member.
#[derive(Serialize, JsonSchema)]
struct GuildCard {
    motto: String,
}

#[webhook("guild.joined")]
async fn guild_joined(event: GuildJoined) -> Result<GuildCard, Rejection> {
    let by = event.invited_by.as_deref().unwrap_or("nobody");
    Ok(GuildCard { motto: format!("{} greets the guest of {by}", event.guild_id) })
}

#[webhook("player.verify")]
async fn verify_player(event: PlayerVerify) -> Result<Player, Rejection> {
    Ok(Player::builder().player_id(event.player_id).name("Beetle").build())
}

#[webhook("item.add")]
async fn add_items(_event: ItemAdd) {}

/// The endpoint, as the server mounts it.
fn hooks(secret: Secret) -> Webhooks {
    Webhooks::new(secret, webhooks![guild_joined, verify_player, add_items])
}

/// The contract does not depend on the secret.
fn contract() -> anyhow::Result<Contract> {
    let secret = Secret::new("a secret for documents only")?;
    Ok(hooks(secret).contract().title("Beetle Quest webhooks").version("1.0.0"))
}

fn main() -> anyhow::Result<()> {
    println!("{:#}", contract()?.openapi());
    Ok(())
}

#[cfg(test)]
mod tests {
    use aghanim_hooks::documents::changes;
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_document_in_the_repository_is_up_to_date() {
        let contract = contract().unwrap();
        assert_eq!(contract.undescribed().count(), 0, "every payload and reply has a schema");
        let released: Value = serde_json::from_str(include_str!("../../contract.openapi.json")).unwrap();
        let now = contract.openapi();
        let changes = changes(&released, &now).unwrap();
        let breaking: Vec<String> =
            changes.iter().filter(|change| change.is_breaking()).map(ToString::to_string).collect();
        assert!(breaking.is_empty(), "this breaks whoever relies on the document:\n{}", breaking.join("\n"));
        assert_eq!(now, released, "renew the file: cargo run --bin contract > examples/contract.openapi.json");
    }
}
