use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{CustomAttribute, PlayerAttributes};
use crate::Event;

/// The player in the `context` of an event, when the webhook has `player_context_enabled`.
///
/// The shape of a context is not documented, and it is null in every sample. So nothing is required, and nothing is
/// refused: a field that is missing, or of another type than expected, is `None`, and the whole JSON stays in
/// [`raw`](Self::raw). The fields are looked for in an object `player`, or in the context itself; the attributes in an
/// object `attributes` there, or beside the other fields. They are those of the reply to `player.verify`.
///
/// ```
/// use aghanim_hooks::{Event, webhook};
/// use aghanim_hooks::events::{PlayerContext, StoreGet, StoreItem, StoreItems};
///
/// #[webhook("store.get")]
/// async fn store(event: Event<StoreGet>) -> StoreItems {
///     let level = PlayerContext::of(&event).and_then(|player| player.attributes.level);
///     match level {
///         Some(50..) => StoreItems::new([StoreItem::new("veteran_pack"), StoreItem::new("gems_100")]),
///         _ => StoreItems::new([StoreItem::new("gems_100")]),
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct PlayerContext {
    /// The game's own id of the player.
    pub player_id: Option<String>,
    /// The player's name.
    pub name: Option<String>,
    /// The player's country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The segments that the player is in.
    pub segments: Option<Vec<String>>,
    /// The attributes that Aghanim knows. One of an unexpected type is `None`.
    pub attributes: PlayerAttributes,
    /// The game's own attributes. One of an unexpected type is left out.
    pub custom_attributes: BTreeMap<String, CustomAttribute>,
    /// The whole context, as it came.
    pub raw: Map<String, Value>,
}

impl PlayerContext {
    /// Reads the context of an event. `None` if it is missing, null, or not an object.
    ///
    /// A context that is not an object is still in [`Event::context`](Event#structfield.context).
    #[must_use]
    pub fn of<T>(event: &Event<T>) -> Option<Self> {
        serde_json::from_str(event.context.as_ref()?.get()).ok().map(Self::from_json)
    }

    /// Reads a context that was stored elsewhere.
    ///
    /// ```
    /// use aghanim_hooks::events::PlayerContext;
    ///
    /// let json = r#"{"player": {"player_id": "2D2R-OP3C", "attributes": {"level": 12}, "guild": "Dusk"}}"#;
    /// let context = PlayerContext::from_json(serde_json::from_str(json)?);
    /// assert_eq!((context.player_id.as_deref(), context.attributes.level), (Some("2D2R-OP3C"), Some(12)));
    /// assert_eq!(context.raw["player"]["guild"], "Dusk");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn from_json(context: Map<String, Value>) -> Self {
        let player = object(&context, "player").unwrap_or(&context);
        let attributes = object(player, "attributes").unwrap_or(player);
        // Every attribute is read alone, so that one of an unexpected type does not cost the others.
        let alone = |name: &String, value: &Value| Map::from_iter([(name.clone(), value.clone())]);
        let known =
            attributes.iter().filter(|(name, value)| read::<PlayerAttributes>(alone(name, value).into()).is_some());
        let known: Map<_, _> = known.map(|(name, value)| (name.clone(), value.clone())).collect();
        let custom = object(player, "custom_attributes").into_iter().flatten();
        Self {
            player_id: field(player, "player_id"),
            name: field(player, "name"),
            country: field(player, "country"),
            segments: field(player, "segments"),
            attributes: read(known.into()).unwrap_or_default(),
            custom_attributes: custom.filter_map(|(name, value)| Some((name.clone(), read(value.clone())?))).collect(),
            raw: context,
        }
    }
}

fn object<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Map<String, Value>> {
    fields.get(name)?.as_object()
}

fn field<T: DeserializeOwned>(fields: &Map<String, Value>, name: &str) -> Option<T> {
    read(fields.get(name)?.clone())
}

fn read<T: DeserializeOwned>(value: Value) -> Option<T> {
    serde_json::from_value(value).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::events::{Platform, PlayerVerify};

    fn context(json: &Value) -> Option<PlayerContext> {
        let body = json!({"event_type": "player.verify", "event_data": {"player_id": "p"}, "context": json});
        PlayerContext::of(&Event::<PlayerVerify>::from_slice(body.to_string().as_bytes()).unwrap())
    }

    #[test]
    fn a_player_is_found_in_each_likely_place() {
        let player = json!({"player_id": "p", "name": "Ayla", "country": "NL", "segments": ["spender"],
            "attributes": {"level": 12, "platform": "ios"}, "custom_attributes": {"guild": "Dusk", "wins": [1, 2]}});
        let mut flat = player.clone();
        let attributes = flat.as_object_mut().unwrap().remove("attributes").unwrap();
        flat.as_object_mut().unwrap().extend(attributes.as_object().unwrap().clone());
        for json in [json!({"player": player}), player, flat] {
            let context = context(&json).unwrap();
            assert_eq!((context.player_id.as_deref(), context.name.as_deref()), (Some("p"), Some("Ayla")));
            assert_eq!((context.country.as_deref(), context.segments), (Some("NL"), Some(vec!["spender".to_owned()])));
            assert_eq!(context.attributes, PlayerAttributes::default().level(12).platform(Platform::Ios));
            assert_eq!(context.custom_attributes["wins"], vec![1, 2].into());
            assert_eq!(Value::Object(context.raw), json);
        }
    }

    #[test]
    fn a_field_of_an_unexpected_type_costs_no_other() {
        let json = json!({"player_id": 7, "name": "Ayla", "segments": {},
            "attributes": {"level": "12", "hard_currency_amount": 40, "new": {}},
            "custom_attributes": {"guild": {"id": 1}, "vip": true}});
        let context = context(&json).unwrap();
        assert_eq!((context.player_id, context.name.as_deref(), context.segments), (None, Some("Ayla"), None));
        assert_eq!(context.attributes, PlayerAttributes::default().hard_currency_amount(40));
        assert_eq!(context.custom_attributes, BTreeMap::from([("vip".to_owned(), true.into())]));
        assert_eq!(Value::Object(context.raw), json);
    }

    #[test]
    fn a_context_that_is_not_an_object_is_none() {
        for json in [json!(null), json!([1]), json!("p"), json!(true)] {
            assert_eq!(context(&json), None);
        }
        assert_eq!(PlayerContext::of(&Event::new("player.verify", PlayerVerify::new("p"))), None);
        assert_eq!(context(&json!({})), Some(PlayerContext::default()));
    }
}
