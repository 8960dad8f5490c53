use serde::{Deserialize, Serialize};

use crate::WebhookEvent;

/// `player.verify`: who is this player? Answered by a [`Player`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct PlayerVerify {
    /// The id that the player gave.
    pub player_id: String,
}

impl PlayerVerify {
    /// A request for this player.
    pub fn new(player_id: impl Into<String>) -> Self {
        Self { player_id: player_id.into() }
    }
}

impl WebhookEvent for PlayerVerify {
    const EVENTS: &'static [&'static str] = &["player.verify"];
    type Reply = Player;
}

/// The answer to `player.verify`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Player {
    /// The player's id.
    pub player_id: String,
    /// The name that the shop shows.
    pub name: String,
    /// What the shop may know of the player.
    pub attributes: PlayerAttributes,
}

impl Player {
    /// A player with nothing optional.
    pub fn new(player_id: impl Into<String>, name: impl Into<String>, attributes: PlayerAttributes) -> Self {
        Self { player_id: player_id.into(), name: name.into(), attributes }
    }
}

/// What a shop may know of a player; all of it optional.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct PlayerAttributes {
    /// The player's level in the game.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<i64>,
}
