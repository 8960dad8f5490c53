//! The differences between an event and what this crate knows of it.

use serde::de::DeserializeOwned;

use super::catalogue::find;
use super::entries::entries;
use crate::Trigger;
use crate::envelope::Envelope;
use crate::open_enum;

/// The most differences that are found in one event.
const MOST: usize = 16;

/// The longest name of a difference, in characters.
const LONGEST: usize = 64;

/// A difference between an event and what this version of the crate knows of it.
///
/// Aghanim adds fields and values over time. This is not an error, but it may be worth an update of this crate.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drift {
    /// The kind of difference.
    pub kind: DriftKind,
    /// The path of a field, such as `event_data.items[].color`, without its value. Or a set and its new value, such as
    /// `Trigger: hub.new`. At most 64 characters. The number of names is not bounded: do not use them as labels.
    pub name: String,
}

/// The kind of a [`Drift`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DriftKind {
    /// A field that the envelope or the documented payload does not have.
    Field,
    /// A value outside its documented set.
    Value,
}

impl DriftKind {
    /// The kind's name in metrics.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Field => "field",
            Self::Value => "value",
        }
    }
}

macro_rules! drift {
    ($($payload:ident: [$($pattern:literal),+] => $reply:ident {
        $(#[doc = $about:literal] $name:literal $(.$fact:ident($($argument:expr)?))*,)+
    })+) => {
        /// The differences between an event's body and what this crate knows of the event. Nothing for an unknown event.
        pub(crate) fn drift(event_type: &str, json: &str) -> Vec<Drift> {
            match find(event_type).map(|event| event.name) {
                $(Some($($name)|+) => read::<super::$payload>(json),)+
                _ => Vec::new(),
            }
        }
    };
}

entries!(drift);

/// Reads an event as its documented payload, and lists what that lacks. The list is empty for an unreadable body.
fn read<T: DeserializeOwned>(json: &str) -> Vec<Drift> {
    let mut fields = Vec::new();
    let (readable, values) = open_enum::unrecognized(|| {
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let read = serde_ignored::deserialize::<_, _, Envelope<'_, T>>(&mut deserializer, |path| {
            if fields.len() < MOST {
                fields.push(place(&path.to_string()));
            }
        });
        if let Ok(envelope) = &read
            && let Some(trigger) = &envelope.trigger
        {
            drop(Trigger::from(&*trigger.0));
        }
        read.is_ok()
    });
    if !readable {
        return Vec::new();
    }
    let fields = fields.into_iter().map(|name| Drift { kind: DriftKind::Field, name });
    let values = values.into_iter().map(|(set, value)| {
        let name = format!("{set}: {value}").chars().take(LONGEST).collect();
        Drift { kind: DriftKind::Value, name }
    });
    let mut drift = Vec::new();
    for difference in fields.chain(values) {
        if drift.len() < MOST && !drift.contains(&difference) {
            drift.push(difference);
        }
    }
    drift
}

/// Makes one path for all elements of an array: `items.0.color` becomes `items[].color`. Removes the `?` of an option.
fn place(path: &str) -> String {
    let mut place = String::new();
    for step in path.split('.').filter(|step| *step != "?") {
        if step.bytes().all(|byte| byte.is_ascii_digit()) {
            place.push_str("[]");
            continue;
        }
        if !place.is_empty() {
            place.push('.');
        }
        place.push_str(step);
    }
    place.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(event_type: &str, json: &str) -> Vec<(DriftKind, String)> {
        drift(event_type, json).into_iter().map(|drift| (drift.kind, drift.name)).collect()
    }

    #[test]
    fn new_fields_are_found_wherever_they_are() {
        let json = r#"{"event_id":"whevt_1","event_type":"item.add","idempotency_key":null,"context":{"a":1},"region":"eu",
            "event_data":{"player_id":"p","color":"red","items":[
                {"id":"i","sku":"s","name":"n","quantity":1,"glow":true},{"id":"j","sku":"s","name":"n","quantity":1,"glow":true}]}}"#;
        let found = names("item.add", json);
        let field = |name: &str| (DriftKind::Field, name.to_owned());
        assert_eq!(found, [field("region"), field("event_data.color"), field("event_data.items[].glow")]);
    }

    #[test]
    fn new_values_are_found() {
        let json = r#"{"event_type":"item.add","trigger":"hub.brand_new","event_data":{"player_id":"p","items":[]}}"#;
        assert_eq!(names("item.add", json), [(DriftKind::Value, "Trigger: hub.brand_new".to_owned())]);
    }

    #[test]
    fn nothing_is_said_of_what_is_not_known_or_not_readable() {
        assert_eq!(names("guild.joined", r#"{"event_type":"guild.joined","event_data":{"a":1}}"#), []);
        assert_eq!(names("item.add", r#"{"event_type":"item.add","more":1,"event_data":{}}"#), []);
    }

    #[test]
    fn names_are_bounded() {
        let many: Vec<_> = (0..100).map(|n| format!(r#","{}{n}":1"#, "x".repeat(200))).collect();
        let many = many.concat();
        let json = format!(r#"{{"event_type":"item.add","event_data":{{"player_id":"p","items":[]{many}}}}}"#);
        let found = names("item.add", &json);
        assert!(found.len() <= MOST && found.iter().all(|(_, name)| name.len() <= LONGEST), "{found:?}");
    }
}
