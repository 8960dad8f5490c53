//! The entity of an event, whose times `latest_of` compares.

use serde::de::IgnoredAny;
use serde_json::Value;

use crate::envelope;

/// An event's entity, and its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Latest {
    /// Game, environment, family and value, as a JSON array, so that different entities have different texts.
    pub(crate) entity: String,
    /// The time of the event, in nanoseconds since 1970.
    pub(crate) time: i64,
}

impl Latest {
    /// Reads entity and time from a body. `path` begins with `data.`. Returns `None` if the event has no time, or no
    /// text, number or boolean at the path.
    pub(crate) fn of(body: &str, path: &str) -> Option<Self> {
        let envelope = envelope::parse::<IgnoredAny>(body).ok()?;
        let time = envelope.event_time?.as_nanos()?;
        let data: Value = serde_json::from_str(envelope.data_text(body)?).ok()?;
        let fields = path.strip_prefix("data.")?;
        let value = fields.split('.').try_fold(&data, |value, field| value.get(field))?;
        if value.is_null() || value.is_object() || value.is_array() {
            return None;
        }
        let event_type = &*envelope.event_type.0;
        let family = event_type.split_once('.').map_or(event_type, |(family, _)| family);
        let game = envelope.game_id.as_ref().map(|game| &*game.0);
        let entity = serde_json::json!([game, envelope.sandbox.unwrap_or(false), family, value]);
        Some(Self { entity: entity.to_string(), time })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &str, path: &str) -> Option<Latest> {
        Latest::of(body, path)
    }

    #[test]
    fn events_of_one_family_share_an_entity() {
        let created = r#"{"event_type":"order.created","event_time":100,"game_id":"g","event_data":{"id":"o-1"}}"#;
        let paid = r#"{"event_type":"order.paid","event_time":101.5,"game_id":"g","event_data":{"id":"o-1"}}"#;
        let (created, paid) = (of(created, "data.id").unwrap(), of(paid, "data.id").unwrap());
        assert_eq!(created.entity, r#"["g",false,"order","o-1"]"#);
        assert_eq!(created.entity, paid.entity);
        assert_eq!((created.time, paid.time), (100_000_000_000, 101_500_000_000));
    }

    #[test]
    fn game_environment_family_and_value_tell_entities_apart() {
        let body =
            r#"{"event_type":"order.paid","event_time":1,"game_id":"g","sandbox":true,"event_data":{"user":{"id":7}}}"#;
        assert_eq!(of(body, "data.user.id").unwrap().entity, r#"["g",true,"order",7]"#);
    }

    #[test]
    fn an_event_without_time_or_value_has_no_entity() {
        let no_time = r#"{"event_type":"order.paid","event_data":{"id":"o-1"}}"#;
        assert_eq!(of(no_time, "data.id"), None);
        let body = r#"{"event_type":"order.paid","event_time":1,"event_data":{"id":null,"items":[1],"user":{}}}"#;
        for path in ["data.id", "data.items", "data.user", "data.missing", "data.id.deeper"] {
            assert_eq!(of(body, path), None, "{path}");
        }
    }
}
