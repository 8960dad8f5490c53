//! Finds the text of `event_data` while the body is parsed. Parsing the body again would cost as much as its HMAC.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Envelope;

/// Reads an envelope from `json` and keeps the text of its data.
pub(super) struct Located<'a, T> {
    json: &'a str,
    payload: PhantomData<T>,
}

impl<'a, T> Located<'a, T> {
    pub(super) fn new(json: &'a str) -> Self {
        Self { json, payload: PhantomData }
    }
}

impl<'a, T: DeserializeOwned> DeserializeSeed<'a> for Located<'a, T> {
    type Value = Envelope<'a, T>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'a, T: DeserializeOwned> Visitor<'a> for Located<'a, T> {
    type Value = Envelope<'a, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event's envelope")
    }

    fn visit_map<A: MapAccess<'a>>(self, map: A) -> Result<Self::Value, A::Error> {
        let mut found = Found { json: self.json, key: None, text: None };
        let mut envelope = Envelope::deserialize(MapAccessDeserializer::new(Members { map, found: &mut found }))?;
        envelope.data_text = found.text;
        Ok(envelope)
    }
}

/// The members of the envelope. Notes the position of each key on the way.
struct Members<'a, 'f, A> {
    map: A,
    found: &'f mut Found<'a>,
}

impl<'a, A: MapAccess<'a>> MapAccess<'a> for Members<'a, '_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let Some((value, key)) = self.map.next_key_seed(Key(seed))? else {
            self.found.end();
            return Ok(None);
        };
        self.found.key(key);
        Ok(Some(value))
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// Reads a key with the seed `K`, and keeps its text. A key with escapes has no text in the body.
struct Key<K>(K);

impl<'a, K: DeserializeSeed<'a>> DeserializeSeed<'a> for Key<K> {
    type Value = (K::Value, Option<&'a str>);

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a, K: DeserializeSeed<'a>> Visitor<'a> for Key<K> {
    type Value = (K::Value, Option<&'a str>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E: Error>(self, key: &'a str) -> Result<Self::Value, E> {
        Ok((self.0.deserialize(key.into_deserializer())?, Some(key)))
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok((self.0.deserialize(key.into_deserializer())?, None))
    }
}

struct Found<'a> {
    json: &'a str,
    /// The key `event_data`, while its value is being read.
    key: Option<&'a str>,
    text: Option<&'a str>,
}

impl<'a> Found<'a> {
    #[inline]
    fn key(&mut self, next: Option<&'a str>) {
        if let Some(key) = self.key.take() {
            self.text = next.and_then(|next| between(self.json, key, Some(next)));
        }
        self.key = next.filter(|key| *key == "event_data");
    }

    fn end(&mut self) {
        if let Some(key) = self.key.take() {
            self.text = between(self.json, key, None);
        }
    }
}

/// The value between its key and the next key, or the end of the object.
///
/// `None` if the keys are not parts of this text, in this order.
#[inline(never)]
fn between<'a>(json: &'a str, key: &str, next: Option<&str>) -> Option<&'a str> {
    let offset = |part: &str| part.as_ptr().addr().checked_sub(json.as_ptr().addr());
    let start = offset(key)? + key.len();
    let member = match next {
        Some(next) => json.get(start..offset(next)?)?.strip_suffix('"')?.trim_ascii_end().strip_suffix(',')?,
        None => json.get(start..)?.trim_ascii_end().strip_suffix('}')?,
    };
    Some(member.strip_prefix('"')?.trim_ascii_start().strip_prefix(':')?.trim_ascii())
}

/// Finds the data by parsing the body again.
#[cold]
pub(crate) fn look_up(json: &str) -> Option<&RawValue> {
    #[derive(Deserialize)]
    struct Data<'a> {
        #[serde(borrow)]
        event_data: &'a RawValue,
    }
    serde_json::from_str::<Data<'_>>(json).ok().map(|data| data.event_data)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::IgnoredAny;
    use serde_json::Value;

    use super::super::parse;
    use super::*;

    /// The text that parsing the envelope found, and the text that a separate parser finds.
    fn both(json: &str) -> (Option<&str>, Option<&str>) {
        (parse::<IgnoredAny>(json).unwrap().data_text, look_up(json).map(RawValue::get))
    }

    #[test]
    fn it_is_the_value_without_its_surroundings() {
        for (json, data) in [
            (r#"{"event_type":"a","event_data":{"x":[1, 2]},"sandbox":true}"#, r#"{"x":[1, 2]}"#),
            (r#"{"event_type":"a","event_data":{"},\"":"}"}}"#, r#"{"},\"":"}"}"#),
            (r#"{"event_type":"a","event_data" : {} } "#, "{}"),
            ("\n{\"event_type\":\"a\"\t,\r\n\"event_data\"\n:\t{}\r, \"\":1}", "{}"),
            (r#"{"event_data":{":":":"},"event_type":"a"}"#, r#"{":":":"}"#),
            (r#"{"new":{"event_data":1},"event_data":{"a":2},"event_type":"a","new":{"event_data":3}}"#, r#"{"a":2}"#),
        ] {
            assert_eq!(both(json), (Some(data), Some(data)), "{json}");
        }
    }

    #[test]
    fn if_a_key_has_escapes_the_body_is_parsed_again() {
        for json in
            [r#"{"event_type":"a","event\u005fdata":{"x":1}}"#, r#"{"event_data":{"x":1},"event\u005ftype":"a"}"#]
        {
            assert_eq!(both(json), (None, Some(r#"{"x":1}"#)), "{json}");
            assert_eq!(parse::<IgnoredAny>(json).unwrap().data_text(json), Some(r#"{"x":1}"#));
        }
    }

    #[test]
    fn data_that_occurs_twice_is_refused() {
        for json in [
            r#"{"event_type":"a","event_data":{},"event_data":{}}"#,
            r#"{"event_type":"a","event_data":{},"event\u005fdata":{}}"#,
        ] {
            let error = parse::<IgnoredAny>(json).unwrap_err().to_string();
            assert!(error.contains("duplicate field `event_data`"), "{error}");
        }
    }

    #[test]
    fn it_is_kept_when_the_payload_is_split_off() {
        let json = r#"{"event_type":"a","event_data":{"x":{"y":[1]}},"game_id":"g"}"#;
        let (envelope, _) = parse::<Value>(json).unwrap().split();
        assert_eq!(envelope.data_text(json), Some(r#"{"x":{"y":[1]}}"#));
    }

    #[test]
    fn keys_from_another_text_find_nothing() {
        let json = r#"{"event_data":1,"a":2}"#;
        let (key, next) = (&json[2..12], &json[17..18]);
        assert_eq!(between(json, key, Some(next)), Some("1"));
        assert_eq!(between(json, next, Some(key)), None);
        assert_eq!(between(json, next, None), Some("2"));
        assert_eq!(between(json, key, Some("elsewhere")), None);
        assert_eq!(between(json, "elsewhere", None), None);
    }

    fn json() -> impl Strategy<Value = Value> {
        let text = prop_oneof![any::<String>(), r#"[ \t\r\n,:"{}\[\]\\]{0,4}"#, Just("event_data".to_owned())];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            text.clone().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(text.clone(), inner, 0..4).prop_map(Value::from_iter),
            ]
        })
    }

    proptest! {
        /// With any other members, order and white space, the text is the same as serde's.
        #[test]
        fn it_agrees_with_a_parser_of_its_own(
            data in prop::collection::btree_map(any::<String>(), json(), 0..4).prop_map(Value::from_iter),
            pretty in any::<bool>(),
            others in prop::collection::vec((any::<String>(), json()), 0..4),
            at in any::<prop::sample::Index>(),
            spaces in prop::collection::vec("[ \t\r\n]{0,3}", 1..8),
        ) {
            let write = if pretty { serde_json::to_string_pretty::<Value> } else { serde_json::to_string::<Value> };
            let data = write(&data).expect("JSON");
            let mut members = vec![(r#""event_type""#.to_owned(), r#""a.b""#.to_owned())];
            for (key, value) in others {
                // The prefix keeps it apart from the envelope's own keys.
                members.push((Value::from(format!("x{key}")).to_string(), write(&value).expect("JSON")));
            }
            let at = at.index(members.len() + 1);
            members.insert(at, (r#""event_data""#.to_owned(), data.clone()));
            let follower_has_escapes = members.get(at + 1).is_some_and(|(key, _)| key.contains('\\'));
            let mut spaces = spaces.iter().cycle();
            let mut space = || spaces.next().expect("without end").as_str();
            let members: Vec<_> = members
                .iter()
                .map(|(key, value)| format!("{}{key}{}:{}{value}{}", space(), space(), space(), space()))
                .collect();
            let json = format!("{}{{{}}}{}", space(), members.join(","), space());
            let (found, looked_up) = both(&json);
            prop_assert_eq!(looked_up, Some(data.as_str()));
            prop_assert_eq!(found, (!follower_has_escapes).then_some(data.as_str()));
        }
    }
}
