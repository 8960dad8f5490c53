use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::PlayerAttributes;
use crate::events::payload::payload;

payload! {
    /// `player.verify`: a player logs in to the shop.
    ///
    /// Answered by the [`Player`].
    ///
    /// Aghanim may send it many times in one visit. Refuse with [`Rejection::deny`](crate::Rejection::deny).
    ///
    /// ```
    /// use aghanim_hooks::{Rejection, webhook};
    /// use aghanim_hooks::events::{Player, PlayerAttributes, PlayerVerify};
    ///
    /// #[webhook("player.verify")]
    /// async fn verify(event: PlayerVerify) -> Result<Player, Rejection> {
    ///     if event.player_id != "2D2R-OP3C" {
    ///         return Err(Rejection::deny("not_found", "no such player"));
    ///     }
    ///     let player = Player::builder().player_id(event.player_id).name("Ayla").build();
    ///     Ok(player.attributes(PlayerAttributes::default().level(12)).country("NL"))
    /// }
    /// ```
    ///
    /// With Aghanim's composite login, other identity fields can come in place of the player's id. A game that uses it
    /// declares a payload of its own:
    ///
    /// ```
    /// use aghanim_hooks::WebhookEvent;
    /// use aghanim_hooks::events::Player;
    ///
    /// #[derive(serde::Deserialize, WebhookEvent)]
    /// #[event("player.verify", reply = Player)]
    /// struct CompositeVerify {
    ///     account_id: String,
    ///     server: String,
    /// }
    /// ```
    pub struct PlayerVerify {
        required {
            /// The game's own id of the player, as the player gave it.
            pub player_id: String,
        }
        optional {
            /// The `OAuth` code of a social login.
            pub code: Option<String>,
        }
    }
}

/// The answer to `player.verify`.
///
/// ```
/// use aghanim_hooks::events::{Balance, Player, PlayerAttributes};
///
/// let player = Player::builder()
///     .player_id("2D2R-OP3C")
///     .name("Ayla")
///     .build()
///     .attributes(PlayerAttributes::default().level(12))
///     .avatar_url("https://cdn.example/ayla.png")
///     .segments(["spender"])
///     .custom_attribute("guild", "Dusk")
///     .balance(Balance::new("gems").with("amount", 250));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Player {
    /// The game's own id of the player.
    pub player_id: String,
    /// The name that the shop shows.
    pub name: String,
    /// The attributes that the shop may know.
    pub attributes: PlayerAttributes,
    /// The URL of the picture that the shop shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    /// The player's email address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// True if the player must not buy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub banned: Option<bool>,
    /// The segments that the player is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segments: Option<Vec<String>>,
    /// The player's country, ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The game's own attributes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_attributes: Option<BTreeMap<String, CustomAttribute>>,
    /// The player's balances of virtual currencies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balances: Option<Vec<Balance>>,
}

impl Player {
    /// Sets the attributes that the shop may know.
    #[must_use]
    pub fn attributes(mut self, attributes: PlayerAttributes) -> Self {
        self.attributes = attributes;
        self
    }

    crate::events::payload::setters! {
        avatar_url: String,
        email: String,
        banned: bool,
        country: String,
    }

    /// Sets the segments that the player is in.
    #[must_use]
    pub fn segments<T: Into<String>>(mut self, segments: impl IntoIterator<Item = T>) -> Self {
        self.segments = Some(segments.into_iter().map(Into::into).collect());
        self
    }

    /// Adds one of the game's own attributes.
    #[must_use]
    pub fn custom_attribute(mut self, name: impl Into<String>, value: impl Into<CustomAttribute>) -> Self {
        self.custom_attributes.get_or_insert_default().insert(name.into(), value.into());
        self
    }

    /// Adds a balance of a virtual currency.
    #[must_use]
    pub fn balance(mut self, balance: Balance) -> Self {
        self.balances.get_or_insert_default().push(balance);
        self
    }
}

crate::events::builder::builder! {
    Player by PlayerBuilder { player_id: String, name: String, }
    then {
        attributes: PlayerAttributes::default(),
        avatar_url: None,
        email: None,
        banned: None,
        segments: None,
        country: None,
        custom_attributes: None,
        balances: None,
    }
}

/// A player's balance of a virtual currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Balance {
    /// The game's own name for the currency.
    pub sku: String,
    /// The other keys: see [`with`](Self::with).
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Balance {
    /// Creates a balance of this currency, without an amount.
    pub fn new(sku: impl Into<String>) -> Self {
        Self { sku: sku.into(), more: Map::new() }
    }

    /// Sets a key. The keys besides `sku` are not documented, so any key can be set.
    ///
    /// # Panics
    /// Panics if the key is `sku`, which would then be sent twice.
    #[must_use]
    #[track_caller]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        let key = key.into();
        assert!(key != "sku", "`sku` is a field of `Balance`: set that instead");
        self.more.insert(key, value.into());
        self
    }
}

/// One of the game's own attributes: one value, or several.
///
/// ```
/// use aghanim_hooks::events::CustomAttribute;
///
/// let guild: CustomAttribute = "Dusk".into();
/// let scores: CustomAttribute = vec![12, 40].into();
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum CustomAttribute {
    /// One value.
    One(AttributeValue),
    /// Several values.
    Many(Vec<AttributeValue>),
}

/// A value of a [`CustomAttribute`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum AttributeValue {
    /// A boolean.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// A number. Infinity and NaN are sent as null.
    Number(f64),
    /// A text.
    Text(String),
}

impl<T: Into<AttributeValue>> From<T> for CustomAttribute {
    fn from(value: T) -> Self {
        Self::One(value.into())
    }
}

impl<T: Into<AttributeValue>> From<Vec<T>> for CustomAttribute {
    fn from(values: Vec<T>) -> Self {
        Self::Many(values.into_iter().map(Into::into).collect())
    }
}

macro_rules! attribute_values {
    ($($type:ty => $variant:ident,)+) => {$(
        impl From<$type> for AttributeValue {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )+};
}

attribute_values! {
    bool => Boolean,
    i32 => Integer,
    u32 => Integer,
    i64 => Integer,
    f64 => Number,
    &str => Text,
    String => Text,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::events::Platform;

    #[test]
    fn the_smallest_player_on_the_wire() {
        let player = Player::builder().player_id("p").name("Ayla").build();
        assert_eq!(serde_json::to_string(&player).unwrap(), r#"{"player_id":"p","name":"Ayla","attributes":{}}"#);
    }

    #[test]
    fn a_player_with_everything_on_the_wire() {
        let player = Player::builder()
            .player_id("p")
            .name("Ayla")
            .build()
            .attributes(PlayerAttributes::default().level(12).platform(Platform::Ios))
            .avatar_url("https://cdn.example/a.png")
            .email("ayla@mail.example")
            .banned(false)
            .segments(["spender", "eu"])
            .country("NL")
            .custom_attribute("vip", true)
            .custom_attribute("rank", 7)
            .custom_attribute("ratio", 0.5)
            .custom_attribute("guilds", vec!["Dusk", "Dawn"])
            .balance(Balance::new("gems").with("amount", 250));
        let json = json!({
            "player_id": "p",
            "name": "Ayla",
            "attributes": {"level": 12, "platform": "ios"},
            "avatar_url": "https://cdn.example/a.png",
            "email": "ayla@mail.example",
            "banned": false,
            "segments": ["spender", "eu"],
            "country": "NL",
            "custom_attributes": {"vip": true, "rank": 7, "ratio": 0.5, "guilds": ["Dusk", "Dawn"]},
            "balances": [{"sku": "gems", "amount": 250}],
        });
        assert_eq!(serde_json::to_value(&player).unwrap(), json);
        assert_eq!(serde_json::from_value::<Player>(json).unwrap(), player);
    }
}
