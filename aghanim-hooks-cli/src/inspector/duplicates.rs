//! The copies of a delivery that a sender might send, since nothing says what Aghanim keeps in a retry.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::delivery::Request;
use super::signing::Signing;

/// A copy of a delivery.
#[derive(Debug, Clone)]
pub(crate) struct Copy {
    /// The difference from the original, for people.
    pub(crate) what: &'static str,
    pub(crate) request: Request,
}

/// The copies of one delivery.
#[derive(Debug, Default)]
pub(crate) struct Copies {
    /// Sent one after the other.
    pub(crate) in_turn: Vec<Copy>,
    /// Sent at once, after those.
    pub(crate) at_once: Vec<Copy>,
    /// Sent last. It has the event's id and no key, which a receiver may take for another event.
    pub(crate) without_key: Option<Copy>,
}

const SAME: &str = "the same bytes";
const OTHER_ID: &str = "the same key with another event id";
const NO_KEY: &str = "the same event id without a key";

/// Makes so many copies: first the same bytes, then another event id, then no key, then the same bytes at once.
///
/// Only the same bytes can be sent without the secret, because the others are signed anew.
pub(crate) fn copies(original: &Request, count: usize, signing: Option<&Signing>) -> Copies {
    let same = || Copy { what: SAME, request: original.clone() };
    let changed = |what, change: fn(&mut Value)| {
        let mut envelope: Value = serde_json::from_slice(&original.body).ok()?;
        envelope.as_object()?;
        change(&mut envelope);
        let mut request = Request { body: envelope.to_string().into(), ..original.clone() };
        signing?.sign(&mut request.headers, &request.body);
        Some(Copy { what, request })
    };
    let mut copies = Copies::default();
    for number in 0..count {
        match number {
            0 => copies.in_turn.push(same()),
            1 => copies.in_turn.push(changed(OTHER_ID, with_other_id).unwrap_or_else(same)),
            2 => match changed(NO_KEY, |envelope| envelope["idempotency_key"] = Value::Null) {
                Some(copy) => copies.without_key = Some(copy),
                None => copies.in_turn.push(same()),
            },
            _ => copies.at_once.push(same()),
        }
    }
    copies
}

fn with_other_id(envelope: &mut Value) {
    let number = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    envelope["event_id"] = json!(format!("whevt_again_{number:x}"));
    envelope["transaction_id"] = json!(format!("whtx_again_{number:x}"));
}

#[cfg(test)]
mod tests {
    use http::{Extensions, HeaderMap, Method};
    use zeroize::Zeroizing;

    use super::*;

    fn original() -> Request {
        let body = r#"{"event_id":"e1","idempotency_key":"k1","event_type":"item.add","event_data":{}}"#;
        Request {
            method: Method::POST,
            path: "/".to_owned(),
            headers: HeaderMap::new(),
            extensions: Extensions::new(),
            body: body.into(),
        }
    }

    #[test]
    fn each_kind_of_duplicate_is_among_them() {
        let signing = Signing::new(Zeroizing::new("whsec_4f1c9d0a77b2e8d6".to_owned())).unwrap();
        let copies = copies(&original(), 5, Some(&signing));
        let [same, other_id] = &copies.in_turn[..] else { panic!("{copies:?}") };
        assert_eq!(same.request.body, original().body);
        let of = |copy: &Copy| serde_json::from_slice::<Value>(&copy.request.body).unwrap();
        assert!(of(other_id)["idempotency_key"] == "k1" && of(other_id)["event_id"] != "e1");
        assert_eq!(signing.judge(&other_id.request.headers, &other_id.request.body).verdict, "valid");
        let without_key = of(copies.without_key.as_ref().unwrap());
        assert!(without_key["idempotency_key"].is_null() && without_key["event_id"] == "e1");
        assert_eq!(copies.at_once.len(), 2);
    }

    #[test]
    fn without_the_secret_every_copy_is_the_same_bytes() {
        let copies = copies(&original(), 4, None);
        assert!(copies.in_turn.iter().chain(&copies.at_once).all(|copy| copy.request.body == original().body));
        assert_eq!((copies.in_turn.len(), copies.at_once.len(), copies.without_key.is_none()), (3, 1, true));
    }
}
