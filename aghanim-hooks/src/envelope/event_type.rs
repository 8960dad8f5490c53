use std::borrow::Cow;
use std::slice;

use super::Text;

/// Finds the event's type, which is near the front of the body in every documented sample.
///
/// It only decides which handler reads the body. It skips earlier members without checking that they are well-formed,
/// since [`parse`](super::parse) reads the whole body afterwards. A serde visitor that stops early would find the same at
/// several times the cost, since it can only stop with an error.
///
/// `None` if there is no type. [`parse`](super::parse) then finds the reason.
#[must_use]
pub fn event_type(json: &[u8]) -> Option<Cow<'_, str>> {
    let mut scanner = Scanner { rest: json.iter() };
    scanner.token(b'{')?;
    loop {
        let key = scanner.string()?;
        scanner.token(b':')?;
        if key.says("event_type")? {
            return scanner.string()?.text();
        }
        scanner.skip_value()?;
        scanner.token(b',')?;
    }
}

/// A string with its quotes.
struct Quoted<'a> {
    quoted: &'a [u8],
    escapes: bool,
}

impl<'a> Quoted<'a> {
    fn says(&self, name: &str) -> Option<bool> {
        if self.escapes { Some(self.text()? == name) } else { Some(self.inner() == name.as_bytes()) }
    }

    fn text(&self) -> Option<Cow<'a, str>> {
        if self.escapes {
            return serde_json::from_slice(self.quoted).ok().map(|Text(text)| text);
        }
        std::str::from_utf8(self.inner()).ok().map(Cow::Borrowed)
    }

    fn inner(&self) -> &'a [u8] {
        &self.quoted[1..self.quoted.len() - 1]
    }
}

/// Skips JSON, token by token.
struct Scanner<'a> {
    rest: slice::Iter<'a, u8>,
}

impl<'a> Scanner<'a> {
    /// The next byte that is not white space. Does not consume it.
    fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.as_slice().trim_ascii_start().iter();
        self.rest.as_slice().first().copied()
    }

    fn token(&mut self, token: u8) -> Option<()> {
        if self.peek()? != token {
            return None;
        }
        self.rest.next();
        Some(())
    }

    fn string(&mut self) -> Option<Quoted<'a>> {
        self.peek()?;
        let start = self.rest.as_slice();
        self.token(b'"')?;
        let escapes = self.skip_string()?;
        Some(Quoted { quoted: &start[..start.len() - self.rest.len()], escapes })
    }

    /// Skips the rest of a string after its first quote. True if it has escapes.
    fn skip_string(&mut self) -> Option<bool> {
        let mut escapes = false;
        loop {
            match self.rest.next()? {
                b'"' => return Some(escapes),
                b'\\' => {
                    escapes = true;
                    self.rest.next()?;
                }
                _ => {}
            }
        }
    }

    fn skip_value(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.string().map(drop),
            b'{' | b'[' => self.skip_nested(),
            _ => {
                let end = self.rest.as_slice().iter().position(|byte| matches!(byte, b',' | b'}' | b']'))?;
                self.rest = self.rest.as_slice()[end..].iter();
                Some(())
            }
        }
    }

    /// Skips an object or an array of any depth, without recursion.
    fn skip_nested(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.rest.next()? {
                b'"' => drop(self.skip_string()?),
                b'{' | b'[' => depth += 1,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(());
                    }
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn found(json: &str) -> Option<String> {
        event_type(json.as_bytes()).map(Cow::into_owned)
    }

    #[test]
    fn the_type_is_found_at_any_position() {
        for json in [
            r#"{"event_type":"order.paid","event_data":{"#,
            r#"{"event_data":{"event_type":"nested"},"event_type":"order.paid"}"#,
            r#"{"event_data":"{\"event_type\":\"quoted\"}","event_type":"order.paid"}"#,
            r#"{"event_data":[[{"event_type":"nested"}],"]}\\"],"event_type":"order.paid"}"#,
            r#"{"event_data":"event_type","event_type":"order.paid"}"#,
            r#"{"event_time":1714147200.5,"sandbox":false,"event_type":"order.paid"}"#,
            " {\t\"context\" :\r\n null , \"event_type\" : \"order.paid\" } ",
        ] {
            assert_eq!(found(json).as_deref(), Some("order.paid"), "{json}");
        }
    }

    #[test]
    fn escapes_are_read() {
        assert_eq!(found(r#"{"event\u005ftype":"item\u002eadd"}"#).as_deref(), Some("item.add"));
        assert_eq!(found(r#"{"\"":1,"event_type":"a\\"}"#).as_deref(), Some("a\\"));
        assert_eq!(found(r#"{"event_type":"\ud800"}"#), None);
    }

    #[test]
    fn without_a_type_nothing_is_found() {
        for json in [
            "",
            "[]",
            "null",
            "{",
            "{}",
            r#"{"event_data":{"event_type":"nested"}}"#,
            r#"{"event_type":7}"#,
            r#"{"event_type":"#,
            r#"{"event_type":"order.paid"#,
            r#"{"event_type":"order.paid\"#,
            r#"{"event_type":"order.paid\""#,
            r#"{"event_data":1"#,
            r#"{"event_data":]"#,
            r#"{"event_data":{"a":"#,
        ] {
            assert_eq!(found(json), None, "{json}");
        }
        assert!(event_type(b"{\"event_type\":\"\xff\"}").is_none());
    }

    #[test]
    fn deep_nesting_does_not_recurse() {
        let json = format!(r#"{{"event_data":{}"#, "[".repeat(1_000_000));
        assert_eq!(found(&json), None);
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            Just(Value::from("event_type")),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(key(), inner, 0..6).prop_map(Value::from_iter),
            ]
        })
    }

    fn key() -> impl Strategy<Value = String> {
        prop_oneof![3 => any::<String>(), 1 => Just("event_type".to_owned())]
    }

    proptest! {
        /// With any other members in any order, it finds the same as a full parser.
        #[test]
        fn it_agrees_with_a_whole_parser(
            fields in prop::collection::vec((any::<String>(), json()), 0..6),
            name in any::<String>(),
            at in any::<prop::sample::Index>(),
            pretty in any::<bool>(),
        ) {
            let mut fields: Vec<_> = fields.into_iter().filter(|(key, _)| key != "event_type").collect();
            fields.insert(at.index(fields.len() + 1), ("event_type".into(), Value::from(name.as_str())));
            let write = if pretty { serde_json::to_string_pretty::<Value> } else { serde_json::to_string::<Value> };
            let members: Vec<_> = fields
                .iter()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), write(value).expect("JSON")))
                .collect();
            let json = format!("{{{}}}", members.join(","));
            prop_assert_eq!(found(&json), Some(name));
        }

        /// Does not panic for any bytes.
        #[test]
        fn it_takes_any_bytes(bytes in prop::collection::vec(prop_oneof![
            Just(b'{'), Just(b'}'), Just(b'['), Just(b']'), Just(b'"'), Just(b'\\'), Just(b':'), Just(b','), any::<u8>(),
        ], 0..64)) {
            let _ = event_type(&bytes);
            let _ = event_type(&[br#"{"a":"#.as_slice(), &bytes].concat());
        }
    }
}
