//! What stands around every event: read in one pass with the payload, borrowed from the body.

mod data_text;
mod event_type;

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error, IgnoredAny, Visitor};
use serde_json::value::RawValue;

pub use event_type::event_type;

use crate::UnixTime;
use data_text::Located;
pub(crate) use data_text::look_up;

/// The envelope, as lenient as `events` documents it: only the type and the data must be there.
///
/// Absent and null are the same; unknown keys are skipped.
#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "T: DeserializeOwned"))]
pub struct Envelope<'a, T> {
    #[serde(borrow, default)]
    pub(crate) event_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) event_type: Text<'a>,
    pub(crate) event_data: T,
    #[serde(default)]
    pub(crate) event_time: Option<UnixTime>,
    #[serde(borrow, default)]
    pub(crate) game_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) idempotency_key: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) request_id: Option<Text<'a>>,
    #[serde(default)]
    pub(crate) sandbox: Option<bool>,
    #[serde(borrow, default)]
    pub(crate) trigger: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) transaction_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) context: Option<&'a RawValue>,
    /// The JSON of `event_data`, where [`parse`] came by it.
    #[serde(skip)]
    data_text: Option<&'a str>,
}

impl<'a, T> Envelope<'a, T> {
    /// The data, and what stands around it.
    pub(crate) fn split(self) -> (Envelope<'a, ()>, T) {
        let Self { event_data, event_id, event_type, event_time, game_id, idempotency_key, .. } = self;
        let Self { request_id, sandbox, trigger, transaction_id, context, data_text, .. } = self;
        let envelope = Envelope {
            event_data: (),
            event_id,
            event_type,
            event_time,
            game_id,
            idempotency_key,
            request_id,
            sandbox,
            trigger,
            transaction_id,
            context,
            data_text,
        };
        (envelope, event_data)
    }

    /// The JSON of `event_data`, byte for byte, in the body that this was [read](parse) from.
    pub(crate) fn data_text(&self, json: &'a str) -> Option<&'a str> {
        self.data_text.or_else(|| look_up(json).map(RawValue::get))
    }

    /// What the event must happen once for.
    ///
    /// An empty one counts as none: all events that bear it would be one, and all purchases but the first be lost.
    pub(crate) fn key(&self) -> Option<&str> {
        self.idempotency_key.as_ref().map(|key| &*key.0).filter(|key| !key.is_empty())
    }
}

/// Reads a whole body.
///
/// # Errors
/// [`Malformed`] names the field that is missing or of another type.
pub fn parse<T: DeserializeOwned>(json: &str) -> Result<Envelope<'_, T>, Malformed> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    match Located::new(json).deserialize(&mut deserializer) {
        Ok(envelope) if deserializer.end().is_ok() => Ok(envelope),
        _ => explain(json),
    }
}

/// Reads a body once more, keeping track of the path: too slow for every request, but an error is worth it.
#[cold]
fn explain<T: DeserializeOwned>(json: &str) -> Result<Envelope<'_, T>, Malformed> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let envelope = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        Malformed { path: (path != ".").then_some(path), reason: error.into_inner().to_string() }
    })?;
    deserializer.end().map_err(|error| Malformed { path: None, reason: error.to_string() })?;
    Ok(envelope)
}

/// The text of a body.
///
/// # Errors
/// When it is not UTF-8.
pub(crate) fn text(body: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(body).map_err(|error| Malformed { path: None, reason: error.to_string() })
}

/// Reads the envelope alone, of an event that nobody takes.
///
/// # Errors
/// [`Malformed`], as [`parse`] has them.
#[cold]
pub(crate) fn check(body: &[u8]) -> Result<(), Malformed> {
    parse::<IgnoredAny>(text(body)?).map(drop)
}

/// Why [`event_type`] found nothing.
#[cold]
pub(crate) fn why_no_event_type(body: &[u8]) -> Malformed {
    // Where a whole reading finds one, it is no string, or stands in what is no object.
    check(body).err().unwrap_or_else(|| Malformed { path: None, reason: "the body is not an event's envelope".into() })
}

/// A string of the body, borrowed unless it has escapes.
#[derive(Debug)]
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Str;

        impl<'de> Visitor<'de> for Str {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(Str)
    }
}

/// Where a body departs from what its event's documentation says, and how.
#[derive(Debug)]
pub struct Malformed {
    path: Option<String>,
    reason: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "`{path}`: {}", self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Items {
        items: Vec<Item>,
    }

    #[derive(Debug, Deserialize)]
    struct Item {
        quantity: i64,
    }

    #[test]
    fn the_smallest_documented_envelope() {
        let json = r#"{"event_id":"whevt_1","event_type":"item.add","idempotency_key":null,"event_data":{"items":[{"quantity":2}]},"context":null}"#;
        let envelope = parse::<Items>(json).unwrap();
        assert_eq!(envelope.event_data.items[0].quantity, 2);
        assert!(envelope.idempotency_key.is_none() && envelope.sandbox.is_none() && envelope.context.is_none());
        assert!(matches!(envelope.event_type.0, Cow::Borrowed("item.add")));
    }

    #[test]
    fn nothing_but_type_and_data_is_needed_and_anything_more_is_ignored() {
        let json = r#"{"event_data":{},"new":{"deep":[1,{}]},"event_type":"a.b","context":{"player":1}}"#;
        let envelope = parse::<Value>(json).unwrap();
        assert_eq!(envelope.context.unwrap().get(), r#"{"player":1}"#);
    }

    #[test]
    fn strings_with_escapes_are_read_too() {
        let json = r#"{"event_type":"item\u002eadd","event_data":{},"idempotency_key":"a\"b"}"#;
        assert_eq!(parse::<Value>(json).unwrap().event_type.0, "item.add");
        assert_eq!(parse::<Value>(json).unwrap().idempotency_key.unwrap().0, "a\"b");
    }

    #[test]
    fn an_error_names_the_path() {
        let error = |json| parse::<Items>(json).unwrap_err().to_string();
        let wrong = error(r#"{"event_type":"a","event_data":{"items":[{"quantity":1},{"quantity":"2"}]}}"#);
        assert!(
            wrong.starts_with("`event_data.items[1].quantity`: invalid type: string \"2\", expected i64"),
            "{wrong}"
        );
        let missing = error(r#"{"event_type":"a"}"#);
        assert!(missing.starts_with("missing field `event_data`"), "{missing}");
        let deep = error(r#"{"event_type":"a","event_data":{}}"#);
        assert!(deep.starts_with("`event_data`: missing field `items`"), "{deep}");
        let trailing = error(r#"{"event_type":"a","event_data":{"items":[]}} x"#);
        assert!(trailing.starts_with("trailing characters"), "{trailing}");
        let twice = error(r#"{"event_type":"a","event_type":"b","event_data":{"items":[]}}"#);
        assert!(twice.contains("duplicate field `event_type`"), "{twice}");
    }

    #[test]
    fn nesting_without_end_is_refused() {
        let json = format!(r#"{{"event_type":"a","event_data":{}"#, "[".repeat(100_000));
        assert!(parse::<Value>(&json).unwrap_err().to_string().contains("recursion limit"));
    }
}
