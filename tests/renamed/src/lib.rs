//! A game that knows the library as `hooks`, and denies what it can. The macros find the name in `Cargo.toml`.

#![deny(missing_docs, unreachable_pub, unused, unused_qualifications, warnings, clippy::pedantic)]

use axum::http::HeaderMap;
use hooks::events::{Player, PlayerVerify};
use hooks::{Handlers, IntoRejection, WebhookEvent, webhook, webhooks};
use serde::Deserialize;

/// A guild has a new member.
#[derive(Debug, Deserialize, WebhookEvent)]
#[event("guild.joined")]
pub struct GuildJoined {
    /// Which one.
    pub guild_id: String,
}

/// Why not.
#[derive(Debug, IntoRejection)]
pub enum VerifyError {
    /// Never heard of.
    #[reject(status = 404, code = "not_found")]
    NoSuchPlayer,
}

/// The server is closed.
#[derive(Debug, IntoRejection)]
#[reject(status = 503, code = "closed")]
pub struct Closed;

/// Finds the player.
///
/// # Errors
/// Fails if there is no such player.
#[webhook("player.verify")]
pub async fn verify(_headers: HeaderMap, event: PlayerVerify) -> Result<Player, VerifyError> {
    if event.player_id.is_empty() {
        return Err(VerifyError::NoSuchPlayer);
    }
    Ok(Player::builder().player_id(event.player_id).name("Ada").build())
}

/// Welcome.
///
/// # Errors
/// Fails if the server is closed.
#[webhook("guild.joined", crate = ::hooks)]
pub async fn joined(_event: GuildJoined) -> Result<(), Closed> {
    Err(Closed)
}

/// All of them.
#[must_use]
pub fn handlers() -> Handlers<()> {
    webhooks![verify, joined]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_listed() {
        assert_eq!(handlers().events().collect::<Vec<_>>(), ["player.verify", "guild.joined"]);
        assert_eq!(Closed.into_rejection().status(), 503);
    }
}
