//! The fields around every event's data. They are read in one pass with the payload, and borrow from the body.

mod data_text;
mod event_type;
mod malformed;

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error, IgnoredAny, Visitor};
use serde_json::value::RawValue;
use serde_path_to_error::Track;

pub use event_type::event_type;
pub use malformed::Malformed;

use crate::UnixTime;
use data_text::Located;
pub(crate) use data_text::look_up;

/// The envelope. Only the type and the data are required, as documented.
///
/// Absent and null mean the same. Unknown keys are skipped. A known key that occurs twice is an error, since two parsers
/// may disagree about which one counts.
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
    /// The JSON of `event_data`, if [`parse`] could locate it.
    #[serde(skip)]
    data_text: Option<&'a str>,
}

impl<'a, T> Envelope<'a, T> {
    /// The data, and the envelope without it.
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

    /// The JSON of `event_data`, byte for byte. Takes the text that this envelope was [read](parse) from.
    pub(crate) fn data_text(&self, json: &'a str) -> Option<&'a str> {
        self.data_text.or_else(|| look_up(json).map(RawValue::get))
    }

    /// The idempotency key.
    ///
    /// An empty key counts as none. Otherwise all events with an empty key would be one event, and all purchases but the
    /// first would be lost.
    pub(crate) fn key(&self) -> Option<&str> {
        self.idempotency_key.as_ref().map(|key| &*key.0).filter(|key| !key.is_empty())
    }
}

/// Reads a whole body. The envelope and its data must be objects.
///
/// # Errors
/// Returns [`Malformed`], which names the field that is missing or of another type.
pub fn parse<T: DeserializeOwned>(json: &str) -> Result<Envelope<'_, T>, Malformed> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    match Located::new(json).deserialize(&mut deserializer) {
        Ok(envelope) if deserializer.end().is_ok() => {
            check_data(&envelope, json)?;
            Ok(envelope)
        }
        _ => explain(json),
    }
}

/// Reads a body again and keeps track of the path. Too slow for every request, but good for an error message.
#[cold]
fn explain<T: DeserializeOwned>(json: &str) -> Result<Envelope<'_, T>, Malformed> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let mut track = Track::new();
    let read = Located::new(json).deserialize(serde_path_to_error::Deserializer::new(&mut deserializer, &mut track));
    let envelope = read.map_err(|error| Malformed::at(track.path().to_string(), &error))?;
    deserializer.end().map_err(|error| Malformed::new(&error))?;
    check_data(&envelope, json)?;
    Ok(envelope)
}

/// The text of a body.
///
/// # Errors
/// Returns [`Malformed`] if it is not UTF-8.
pub(crate) fn text(body: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(body).map_err(|error| Malformed::new(&error))
}

/// Refuses data that is not an object: serde would read a struct from an array of its values too.
fn check_data<'a, T>(envelope: &Envelope<'a, T>, json: &'a str) -> Result<(), Malformed> {
    if envelope.data_text(json).is_some_and(|data| data.starts_with('{')) {
        return Ok(());
    }
    Err(Malformed::at("event_data".to_owned(), &"expected an object"))
}

/// Checks the envelope of an event that has no handler.
///
/// # Errors
/// Returns [`Malformed`] in the cases of [`parse`].
#[cold]
pub(crate) fn check(body: &[u8]) -> Result<(), Malformed> {
    parse::<IgnoredAny>(text(body)?).map(drop)
}

/// True if an event comes from the sandbox, read without its payload.
///
/// # Errors
/// Returns [`Malformed`] in the cases of [`parse`].
pub(crate) fn is_sandbox(body: &[u8]) -> Result<bool, Malformed> {
    Ok(parse::<IgnoredAny>(text(body)?)?.sandbox.unwrap_or(false))
}

/// The reason why [`event_type`] found nothing.
#[cold]
pub(crate) fn why_no_event_type(body: &[u8]) -> Malformed {
    check(body).err().unwrap_or_else(|| Malformed::new(&"the body is not an event's envelope"))
}

/// A string from the body, borrowed unless it has escapes.
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
            wrong.starts_with("`event_data.items[1].quantity`: invalid type: string \"2\", expected an integer"),
            "{wrong}"
        );
        let no_text = error(r#"{"event_type":1,"event_data":{"items":[]}}"#);
        assert!(no_text.starts_with("`event_type`: invalid type: integer `1`, expected a string"), "{no_text}");
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
    fn an_array_is_not_taken_for_a_struct() {
        // Serde's derive reads a struct from an array of its fields, in order.
        #[derive(Debug, Deserialize)]
        struct Pair {
            #[expect(dead_code, reason = "only read")]
            left: u8,
        }
        let error = |json| parse::<Pair>(json).unwrap_err().to_string();
        let data = error(r#"{"event_type":"a","event_data":[1]}"#);
        assert_eq!(data, "`event_data`: expected an object");
        assert_eq!(error(r#"{"event_type":"a","event\u005fdata":[1]}"#), data);
        let envelope = error(r#"["whevt_1","a",{"left":1},1,"gm_1","k","r",false,"t","x",null]"#);
        assert!(envelope.starts_with("invalid type: sequence, expected an event's envelope"), "{envelope}");
        for json in ["7", "null", "\"{}\"", "[]"] {
            let json = format!(r#"{{"event_type":"a","event_data":{json}}}"#);
            assert_eq!(parse::<Value>(&json).unwrap_err().to_string(), data, "{json}");
        }
    }

    #[test]
    fn every_known_key_of_the_envelope_may_occur_once() {
        for key in [
            "event_id",
            "event_type",
            "event_data",
            "event_time",
            "game_id",
            "idempotency_key",
            "request_id",
            "sandbox",
            "trigger",
            "transaction_id",
            "context",
        ] {
            let value = match key {
                "event_data" => "{}",
                "event_time" => "1",
                "sandbox" => "true",
                _ => "\"a\"",
            };
            for (first, second) in [(value, value), ("null", value), (value, "null")] {
                let rest = ["event_type", "event_data"].into_iter().filter(|other| *other != key);
                let rest: String = rest
                    .map(|key| if key == "event_data" { r#","event_data":{}"# } else { r#","event_type":"a""# })
                    .collect();
                for (a, b) in [(key, key.to_owned()), (key, key.replacen('e', "\\u0065", 1))] {
                    let json = format!(r#"{{"{a}":{first},"{b}":{second}{rest}}}"#);
                    let error = parse::<IgnoredAny>(&json).unwrap_err().to_string();
                    let of_a_type = ["event_type"].contains(&key) && first == "null";
                    assert!(error.contains("duplicate field") || of_a_type, "{json}: {error}");
                }
            }
        }
    }

    #[test]
    fn nesting_without_end_is_refused() {
        let json = format!(r#"{{"event_type":"a","event_data":{}"#, "[".repeat(100_000));
        assert!(parse::<Value>(&json).unwrap_err().to_string().contains("recursion limit"));
    }
}
