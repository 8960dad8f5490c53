//! A webhook as Aghanim's API has it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

/// A webhook that is registered at Aghanim.
///
/// Only `events` must be there: all else may be absent or null, and fields that are not documented are kept in `other`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Webhook {
    /// Aghanim's id. Empty in a file that was written by hand and has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The game's id at Aghanim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub game_id: Option<String>,
    /// The URL that deliveries are sent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The HTTP method of the deliveries: `POST`, or `GET`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The subscribed events.
    pub events: Vec<String>,
    /// False if nothing is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// A text for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// True if Aghanim keeps a log of the deliveries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled_logs: Option<bool>,
    /// True if deliveries have the player's attributes in `context`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub player_context_enabled: Option<bool>,
    /// True if events are collected in files, which `batch.ready` announces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_mode: Option<bool>,
    /// The secret. Only the answers to `create`, `expire_secret` and `reveal` have it, and it is never serialized.
    #[serde(default, skip_serializing)]
    pub secret: Option<Hidden>,
    /// The fields that are not documented, and `secret_redacted`.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Webhook {
    /// The fields that can be changed, as they are now.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings {
            events: Some(self.events.clone()),
            url: self.url.clone(),
            description: self.description.clone(),
            method: self.method.clone(),
            enabled: self.enabled,
            enabled_logs: self.enabled_logs,
            player_context_enabled: self.player_context_enabled,
            batch_mode: self.batch_mode,
        }
    }

    /// True if this names the webhook: its id, or its URL.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        self.id == name || self.url.as_deref() == Some(name)
    }
}

/// The fields of a webhook that can be changed. Those that are `None` are not sent.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Settings {
    /// See [`Webhook::events`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
    /// See [`Webhook::url`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// See [`Webhook::description`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// See [`Webhook::method`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// See [`Webhook::enabled`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// See [`Webhook::enabled_logs`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled_logs: Option<bool>,
    /// See [`Webhook::player_context_enabled`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub player_context_enabled: Option<bool>,
    /// See [`Webhook::batch_mode`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_mode: Option<bool>,
}

impl Settings {
    /// These settings, and for those that are `None` the others'.
    #[must_use]
    pub fn or(self, others: Self) -> Self {
        Self {
            events: self.events.or(others.events),
            url: self.url.or(others.url),
            description: self.description.or(others.description),
            method: self.method.or(others.method),
            enabled: self.enabled.or(others.enabled),
            enabled_logs: self.enabled_logs.or(others.enabled_logs),
            player_context_enabled: self.player_context_enabled.or(others.player_context_enabled),
            batch_mode: self.batch_mode.or(others.batch_mode),
        }
    }

    /// The fields by name, each with its value. Events are sorted, since their order means nothing.
    #[must_use]
    pub fn fields(&self) -> Map<String, Value> {
        let mut sorted = self.clone();
        if let Some(events) = &mut sorted.events {
            events.sort_unstable();
        }
        match serde_json::to_value(sorted) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        }
    }
}

/// A text that is neither shown nor serialized by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(Zeroizing<String>);

impl Hidden {
    /// The text.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden")
    }
}

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Zeroizing::new(text)))
    }
}

/// True if a field of this name may hold a secret, or a part of one.
#[must_use]
pub fn is_sensitive(field: &str) -> bool {
    let field = field.to_ascii_lowercase();
    ["secret", "token", "password", "credential", "key"].iter().any(|word| field.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_fields_are_kept_and_the_secret_is_not_serialized() {
        let text = r#"{"id":"wh_1","events":["item.add"],"secret":"whsec_4f1c9d0a77b2e8d6","region":"eu","url":null}"#;
        let webhook: Webhook = serde_json::from_str(text).unwrap();
        assert_eq!(webhook.secret.as_ref().unwrap().reveal(), "whsec_4f1c9d0a77b2e8d6");
        assert!(!format!("{webhook:?}").contains("4f1c"), "{webhook:?}");
        let written = serde_json::to_string(&webhook).unwrap();
        assert_eq!(written, r#"{"id":"wh_1","events":["item.add"],"region":"eu"}"#);
    }

    #[test]
    fn a_webhook_without_events_is_not_one_that_subscribes_to_nothing() {
        assert!(serde_json::from_str::<Webhook>(r#"{"id":"wh_1"}"#).is_err());
    }
}
