//! The names of an event that failed, read from a text that may be broken.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::text::shortened;

/// The names that a report gives for an event.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) event_type: Option<String>,
    pub(crate) event_id: Option<String>,
    pub(crate) idempotency_key: Option<String>,
}

impl Names {
    /// Reads as many as the text has before its first mistake.
    pub(crate) fn read(event: &[u8]) -> Self {
        let mut names = Self::default();
        // The endpoint has named the mistake already.
        let _mistake = serde_json::Deserializer::from_slice(event).deserialize_map(Read(&mut names));
        names
    }
}

struct Read<'a>(&'a mut Names);

impl<'de> Visitor<'de> for Read<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event's envelope")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(Name(key)) = map.next_key()? {
            let name = match key.as_deref() {
                Some("event_type") => &mut self.0.event_type,
                Some("event_id") => &mut self.0.event_id,
                Some("idempotency_key") => &mut self.0.idempotency_key,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *name = map.next_value::<Name>()?.0;
        }
        Ok(())
    }
}

/// A string, shortened. Other values are `None`.
struct Name(Option<String>);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Ok(Self(value.as_str().map(shortened)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_before_a_mistake_is_read() {
        let names = Names::read(br#"{"event_id":"whevt_1","new":[{}],"event_type":"order.paid","idempotency_key":7,"#);
        assert_eq!(names.event_id.as_deref(), Some("whevt_1"));
        assert_eq!(names.event_type.as_deref(), Some("order.paid"));
        assert_eq!(names.idempotency_key, None);
        for json in ["", "7", "[1]", "{", "\u{0}"] {
            assert!(Names::read(json.as_bytes()).event_type.is_none(), "{json}");
        }
    }
}
