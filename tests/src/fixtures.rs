//! Requests for every event, as Aghanim would send them and as it may send them tomorrow.
//!
//! The full request of an event is its sample in `aghanim-hooks/src/events/samples`. The other kinds are made from it
//! and from `fixtures/payloads.json`, which states what Aghanim's documentation says of each object: the fields that
//! are always there, the sets of values that may grow, and the objects inside.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use aghanim_hooks::events::catalogue;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// One way to send an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The sample: every field that fits the event.
    Full,
    /// Only the fields that are always there.
    Minimal,
    /// Every other field is null.
    Nulls,
    /// Keys that Aghanim may add, in every object.
    Extra,
    /// Values that Aghanim may add, in every open set.
    Unknown,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Full, Self::Minimal, Self::Nulls, Self::Extra, Self::Unknown];
}

/// The documentation of the fields of one object.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub struct Object {
    /// Always there.
    required: Vec<String>,
    /// May be null although always there.
    nullable: Vec<String>,
    /// Strings, or lists of strings, whose values may grow.
    open: Vec<String>,
    /// Objects, or lists of objects, by the name of their documented type.
    objects: BTreeMap<String, String>,
    /// Nothing is documented: the payload is the JSON as it came.
    raw: bool,
}

impl Object {
    /// The documented object of this name, which is the name of its Rust type.
    ///
    /// # Panics
    /// Panics if `fixtures/payloads.json` does not have it.
    #[must_use]
    pub fn named(name: &str) -> &'static Self {
        static OBJECTS: LazyLock<BTreeMap<String, Object>> = LazyLock::new(|| {
            let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/payloads.json");
            let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        });
        OBJECTS.get(name).unwrap_or_else(|| panic!("tests/fixtures/payloads.json: add an entry for `{name}`"))
    }

    /// True if nothing is documented about the fields.
    #[must_use]
    pub fn is_raw(&self) -> bool {
        self.raw
    }

    /// True if some of its values come from a set that may grow, at any depth.
    #[must_use]
    pub fn has_open_sets(&self) -> bool {
        !self.open.is_empty() || self.objects.values().any(|name| Self::named(name).has_open_sets())
    }

    /// The documented object at a path such as `items[0].nested_items[1]`; `None` where nothing is documented.
    #[must_use]
    pub fn at(&'static self, path: &str) -> Option<&'static Self> {
        path.split('.').filter(|step| !step.is_empty()).try_fold(self, |object, step| {
            let field = step.split('[').next()?;
            object.objects.get(field).map(|name| Self::named(name))
        })
    }

    /// The fields that are always there.
    #[must_use]
    pub fn required(&self) -> &[String] {
        &self.required
    }

    /// True if the field is always there.
    #[must_use]
    pub fn requires(&self, field: &str) -> bool {
        self.required.iter().any(|required| required == field)
    }

    /// True if the field may be null.
    #[must_use]
    pub fn allows_null(&self, field: &str) -> bool {
        !self.requires(field) || self.nullable.iter().any(|nullable| nullable == field)
    }

    /// Changes `value` and every documented object in it, the outer one first.
    fn change(&self, value: &mut Value, change: &mut dyn FnMut(&Self, &mut Map<String, Value>)) {
        match value {
            Value::Object(fields) => {
                change(self, fields);
                for (field, name) in &self.objects {
                    if let Some(inner) = fields.get_mut(field) {
                        Self::named(name).change(inner, change);
                    }
                }
            }
            Value::Array(elements) => elements.iter_mut().for_each(|element| self.change(element, change)),
            _ => {}
        }
    }
}

/// The body of a request for this event.
///
/// # Panics
/// Panics if the event has no sample.
#[must_use]
pub fn envelope(event_type: &str, kind: Kind) -> Value {
    let path = samples().join(format!("{event_type}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let sample: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let event = catalogue::find(event_type).unwrap_or_else(|| panic!("`{event_type}` is not in the catalogue"));
    of_kind(sample, Object::named(event.payload), kind)
}

fn of_kind(mut envelope: Value, payload: &Object, kind: Kind) -> Value {
    let mut change = |change: &mut dyn FnMut(&Object, &mut Map<String, Value>)| {
        payload.change(&mut envelope["event_data"], change);
    };
    match kind {
        Kind::Full => {}
        Kind::Minimal => {
            change(&mut |object, fields| {
                fields.retain(|field, _| object.requires(field));
                for field in &object.nullable {
                    fields[field] = Value::Null;
                }
            });
            retain(&mut envelope, &["event_type", "event_data"]);
        }
        Kind::Nulls => {
            change(&mut |object, fields| {
                for (field, value) in fields {
                    if object.allows_null(field) && !object.objects.contains_key(field) {
                        *value = Value::Null;
                    }
                }
            });
            for (field, value) in envelope.as_object_mut().into_iter().flatten() {
                if field != "event_type" && field != "event_data" {
                    *value = Value::Null;
                }
            }
        }
        Kind::Extra => {
            let add = |fields: &mut Map<String, Value>| {
                fields.insert("added_later".to_owned(), json!({"by": "aghanim", "values": [1, null, {"deep": true}]}));
                fields.insert("zz_flag".to_owned(), json!(false));
            };
            change(&mut |_, fields| add(fields));
            envelope.as_object_mut().into_iter().for_each(add);
        }
        Kind::Unknown => {
            change(&mut |object, fields| {
                for field in &object.open {
                    if let Some(value) = fields.get_mut(field) {
                        replace_strings(value, "unheard_of");
                    }
                }
            });
            envelope["trigger"] = json!("oracle.prophecy");
        }
    }
    envelope
}

fn retain(object: &mut Value, keep: &[&str]) {
    if let Value::Object(fields) = object {
        fields.retain(|field, _| keep.contains(&&**field));
    }
}

fn replace_strings(value: &mut Value, by: &str) {
    match value {
        Value::String(text) => by.clone_into(text),
        Value::Array(elements) => elements.iter_mut().for_each(|element| replace_strings(element, by)),
        _ => {}
    }
}

/// The events that have a sample, in order.
///
/// # Panics
/// Panics if the folder of the samples can't be read.
#[must_use]
pub fn sampled_events() -> Vec<String> {
    let files = fs::read_dir(samples()).expect("the folder of the samples is there");
    let names = files.map(|file| file.expect("the folder can be read").file_name().into_string().expect("UTF-8"));
    let mut events: Vec<_> = names.map(|name| name.strip_suffix(".json").unwrap_or(&name).to_owned()).collect();
    events.sort();
    events
}

fn samples() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../aghanim-hooks/src/events/samples")
}
