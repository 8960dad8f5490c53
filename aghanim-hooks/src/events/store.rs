use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::payload::payload;
use crate::UnixTime;

payload! {
    /// `store.get`: a player opens the store.
    ///
    /// Answered by [`StoreItems`], the items to show.
    ///
    /// ```
    /// use aghanim_hooks::webhook;
    /// use aghanim_hooks::events::{StoreGet, StoreItem, StoreItems};
    ///
    /// #[webhook("store.get")]
    /// async fn store(event: StoreGet) -> StoreItems {
    ///     let newcomers_only = StoreItem::new("starter_pack").with("price", 99);
    ///     match event.player_id {
    ///         Some(_) => [StoreItem::new("gems_100")].into(),
    ///         None => [newcomers_only, StoreItem::new("gems_100")].into(),
    ///     }
    /// }
    /// ```
    #[cfg_attr(feature = "schema", schemars(extend("required" = ["player_id"])))]
    pub struct StoreGet {
        required {
            /// The game's own id of the player.
            ///
            /// It is null, but not missing, for an anonymous visitor.
            #[serde(deserialize_with = "Option::deserialize")]
            pub player_id: Option<String>,
        }
        optional {
            /// True if the visitor has not logged in.
            pub is_anonymous: Option<bool>,
            /// The placements to fill.
            pub placement_keys: Option<Vec<String>>,
            /// The categories to fill.
            pub category_slugs: Option<Vec<String>>,
            /// The path of the page that the player is on.
            pub current_page_path: Option<String>,
            /// The player's language, such as `en` or `pt-BR`.
            pub locale: Option<String>,
        }
    }
}

/// The answer to `store.get`: the items that the player sees.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct StoreItems {
    /// The items, in the order of display.
    pub items: Vec<StoreItem>,
}

impl StoreItems {
    /// Creates the answer from these items.
    pub fn new(items: impl IntoIterator<Item = StoreItem>) -> Self {
        items.into_iter().collect()
    }
}

impl FromIterator<StoreItem> for StoreItems {
    fn from_iter<I: IntoIterator<Item = StoreItem>>(items: I) -> Self {
        Self { items: items.into_iter().collect() }
    }
}

impl From<Vec<StoreItem>> for StoreItems {
    fn from(items: Vec<StoreItem>) -> Self {
        Self { items }
    }
}

impl<const N: usize> From<[StoreItem; N]> for StoreItems {
    fn from(items: [StoreItem; N]) -> Self {
        Self { items: items.into() }
    }
}

/// An item in the answer to `store.get`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct StoreItem {
    /// The game's own name for the item.
    pub sku: String,
    /// The time from which the item is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_at: Option<UnixTime>,
    /// The time until which the item is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_at: Option<UnixTime>,
    /// The properties that differ for this player: see [`with`](Self::with).
    #[serde(flatten)]
    pub overrides: Map<String, Value>,
}

impl StoreItem {
    /// Creates an item that is shown as configured at Aghanim.
    pub fn new(sku: impl Into<String>) -> Self {
        Self { sku: sku.into(), start_at: None, end_at: None, overrides: Map::new() }
    }

    /// The time from which the item is shown.
    #[must_use]
    pub fn start_at(mut self, time: UnixTime) -> Self {
        self.start_at = Some(time);
        self
    }

    /// The time until which the item is shown.
    #[must_use]
    pub fn end_at(mut self, time: UnixTime) -> Self {
        self.end_at = Some(time);
        self
    }

    /// Overrides a property for this player.
    ///
    /// Price, name, image and the contents of a bundle can be overridden. The keys are not documented, so any key can
    /// be set.
    ///
    /// # Panics
    /// Panics if the key is one of this type's own fields, which would then be sent twice.
    #[must_use]
    #[track_caller]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        let key = key.into();
        assert!(!["sku", "start_at", "end_at"].contains(&&*key), "`{key}` is a field of `StoreItem`: set that instead");
        self.overrides.insert(key, value.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_store_on_the_wire() {
        let items = StoreItems::new([
            StoreItem::new("a").start_at(UnixTime::from_secs(1)).end_at(UnixTime::from_secs(2)).with("price", 99),
            StoreItem::new("b"),
        ]);
        let json = json!({"items": [{"sku": "a", "start_at": 1, "end_at": 2, "price": 99}, {"sku": "b"}]});
        assert_eq!(serde_json::to_value(&items).unwrap(), json);
        assert_eq!(serde_json::from_value::<StoreItems>(json).unwrap(), items);
    }

    #[test]
    #[should_panic(expected = "`sku` is a field of `StoreItem`")]
    fn a_field_is_not_sent_twice() {
        let _ = StoreItem::new("a").with("sku", "b");
    }

    #[test]
    fn an_anonymous_visitor_has_a_null_player_id() {
        assert_eq!(serde_json::from_str::<StoreGet>(r#"{"player_id":null}"#).unwrap(), StoreGet::new(None));
        assert_eq!(serde_json::to_string(&StoreGet::new(None)).unwrap(), r#"{"player_id":null}"#);
        let error = serde_json::from_str::<StoreGet>("{}").unwrap_err().to_string();
        assert!(error.starts_with("missing field `player_id`"), "{error}");
    }
}
