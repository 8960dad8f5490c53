use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// `player.lookup`: find the players with these identity fields.
///
/// Answered by [`FoundPlayers`].
///
/// The identity fields are configured for the game at Aghanim. A final [`Rejection`](crate::Rejection) is sent with
/// HTTP 200 and a status in the body, as documented. The documented codes are `not_found`, `validation_error` and
/// `banned`.
///
/// ```
/// use aghanim_hooks::{Rejection, webhook};
/// use aghanim_hooks::events::{FoundPlayer, FoundPlayers, PlayerLookup};
///
/// #[webhook("player.lookup")]
/// async fn find(event: PlayerLookup) -> Result<FoundPlayers, Rejection> {
///     let Some(account) = event.get("account_id") else {
///         return Err(Rejection::deny("validation_error", "which account?"));
///     };
///     if account != "A1" {
///         return Err(Rejection::deny("not_found", "no such account"));
///     }
///     Ok([FoundPlayer::new("Ayla").identity("account_id", account)].into())
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
#[non_exhaustive]
pub struct PlayerLookup {
    /// The identity fields. The documented ones are strings.
    pub fields: Map<String, Value>,
}

impl PlayerLookup {
    /// Creates a request with these identity fields.
    ///
    /// ```
    /// use aghanim_hooks::events::PlayerLookup;
    ///
    /// let lookup = PlayerLookup::new([("account_id", "A1"), ("server", "eu-1")]);
    /// assert_eq!(lookup.get("server"), Some("eu-1"));
    /// ```
    pub fn new<N: Into<String>, V: Into<Value>>(fields: impl IntoIterator<Item = (N, V)>) -> Self {
        Self { fields: fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect() }
    }

    /// The value of an identity field. `None` if it is missing, or is not a string.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name)?.as_str()
    }
}

/// The answer to `player.lookup`: `{"status":"ok","data":[…]}`.
///
/// If no player is found, the documented answer is `Rejection::deny("not_found", …)`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FoundPlayers {
    status: Status,
    /// The players that were found.
    #[serde(rename = "data")]
    pub players: Vec<FoundPlayer>,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum Status {
    #[default]
    Ok,
}

impl FoundPlayers {
    /// Creates the answer from these players.
    pub fn new(players: impl IntoIterator<Item = FoundPlayer>) -> Self {
        players.into_iter().collect()
    }
}

impl FromIterator<FoundPlayer> for FoundPlayers {
    fn from_iter<I: IntoIterator<Item = FoundPlayer>>(players: I) -> Self {
        Self { status: Status::Ok, players: players.into_iter().collect() }
    }
}

impl From<Vec<FoundPlayer>> for FoundPlayers {
    fn from(players: Vec<FoundPlayer>) -> Self {
        Self { status: Status::Ok, players }
    }
}

impl<const N: usize> From<[FoundPlayer; N]> for FoundPlayers {
    fn from(players: [FoundPlayer; N]) -> Self {
        Self { status: Status::Ok, players: players.into() }
    }
}

/// A player in the answer to `player.lookup`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FoundPlayer {
    /// The name that the shop shows.
    pub name: String,
    /// The URL of the picture that the shop shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    /// The identity fields of this player.
    #[serde(rename = "player")]
    pub identity: BTreeMap<String, Identity>,
}

impl FoundPlayer {
    /// Creates a player without identity fields.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), avatar_url: None, identity: BTreeMap::new() }
    }

    /// The URL of the picture that the shop shows.
    #[must_use]
    pub fn avatar_url(mut self, url: impl Into<String>) -> Self {
        self.avatar_url = Some(url.into());
        self
    }

    /// Adds an identity field: an id, or an id with a [name for people](Identity::named).
    #[must_use]
    pub fn identity(mut self, field: impl Into<String>, value: impl Into<Identity>) -> Self {
        self.identity.insert(field.into(), value.into());
        self
    }
}

/// The value of an identity field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Identity {
    /// An id.
    Id(String),
    /// An id with a name for people, for example of a server.
    Named {
        /// The id.
        id: String,
        /// The name.
        name: String,
    },
}

impl Identity {
    /// Adds a name for people to the id.
    ///
    /// ```
    /// use aghanim_hooks::events::{FoundPlayer, Identity};
    ///
    /// let player = FoundPlayer::new("Ayla")
    ///     .identity("account_id", "A1")
    ///     .identity("server", Identity::from("eu-1").named("Europe 1"));
    /// ```
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        let (Self::Id(id) | Self::Named { id, .. }) = self;
        Self::Named { id, name: name.into() }
    }
}

impl From<&str> for Identity {
    fn from(id: &str) -> Self {
        Self::Id(id.to_owned())
    }
}

impl From<String> for Identity {
    fn from(id: String) -> Self {
        Self::Id(id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn found_players_on_the_wire() {
        let found: FoundPlayers = [
            FoundPlayer::new("Ayla").avatar_url("https://cdn.example/a.png").identity("account_id", "A1"),
            FoundPlayer::new("Bo").identity("server", Identity::from("eu-1").named("Europe 1")),
        ]
        .into();
        let json = json!({"status": "ok", "data": [
            {"name": "Ayla", "avatar_url": "https://cdn.example/a.png", "player": {"account_id": "A1"}},
            {"name": "Bo", "player": {"server": {"id": "eu-1", "name": "Europe 1"}}},
        ]});
        assert_eq!(serde_json::to_value(&found).unwrap(), json);
        assert_eq!(serde_json::from_value::<FoundPlayers>(json).unwrap(), found);
    }

    #[test]
    fn an_identity_field_of_another_type_is_kept() {
        let lookup = PlayerLookup::new([("account_id", json!("A1")), ("level", json!(3)), ("server", json!(null))]);
        assert_eq!(lookup.get("account_id"), Some("A1"));
        assert_eq!((lookup.get("level"), lookup.get("server"), lookup.get("name")), (None, None, None));
        assert_eq!(serde_json::from_str::<PlayerLookup>(&serde_json::to_string(&lookup).unwrap()).unwrap(), lookup);
    }
}
