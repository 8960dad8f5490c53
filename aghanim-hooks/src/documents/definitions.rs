//! The named schemas of a contract: those of payloads, which are read, and those of replies, which are written.

use std::collections::BTreeSet;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value};

use super::prose;
use crate::event::SchemaOf;

/// The place of the named schemas, in both kinds of documents.
pub(super) const PATH: &str = "#/components/schemas/";

/// Collects schemas, each type once.
pub(super) struct Definitions {
    payloads: SchemaGenerator,
    replies: SchemaGenerator,
}

impl Definitions {
    pub(super) fn new() -> Self {
        let settings =
            || SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = "/components/schemas".into());
        Self {
            payloads: settings().for_deserialize().into_generator(),
            replies: settings().for_serialize().into_generator(),
        }
    }

    pub(super) fn of_payload(&mut self, schema: SchemaOf) -> Option<Value> {
        schema.map(|schema| finished(schema(&mut self.payloads)))
    }

    pub(super) fn of_reply(&mut self, schema: SchemaOf) -> Option<Value> {
        schema.map(|schema| finished(schema(&mut self.replies)))
    }

    /// The named schemas. A type that is read in one form and written in another gets a second name, which is put in the
    /// references of these replies.
    pub(super) fn merge<'a>(mut self, replies: impl Iterator<Item = &'a mut Value>) -> Map<String, Value> {
        let named = |generator: &mut SchemaGenerator| -> Map<String, Value> {
            let definitions = generator.take_definitions(true).into_iter();
            definitions.map(|(name, schema)| (key(&name), prose::cleaned(schema))).collect()
        };
        let (mut definitions, mut written) = (named(&mut self.payloads), named(&mut self.replies));
        let second_name = |name: &str| format!("{name}.answer");
        let mut differ = BTreeSet::new();
        loop {
            // A schema also differs if it refers to one that does.
            let differs = |name: &String, schema: &Value| {
                let mut refers = false;
                for_each_reference(&mut schema.clone(), &mut |to| refers |= differ.contains(to));
                definitions.get(name).is_some_and(|read| read != schema || refers)
            };
            let found: BTreeSet<String> =
                written.iter().filter(|(name, schema)| differs(name, schema)).map(|(name, _)| name.clone()).collect();
            if found == differ {
                break;
            }
            differ = found;
        }
        let mut rename = |to: &mut String| {
            if differ.contains(to) {
                *to = second_name(to);
            }
        };
        written.values_mut().for_each(|schema| for_each_reference(schema, &mut rename));
        replies.for_each(|schema| for_each_reference(schema, &mut rename));
        definitions.extend(written.into_iter().map(|(mut name, schema)| {
            rename(&mut name);
            (name, schema)
        }));
        definitions
    }
}

fn finished(schema: Schema) -> Value {
    let mut schema = prose::cleaned(schema.to_value());
    if schema == Value::Bool(true) {
        schema = Value::Object(Map::new());
    }
    for_each_reference(&mut schema, &mut |to| *to = key(to));
    schema
}

/// A name as a key of `components`, where only letters, digits, `.`, `-` and `_` are allowed.
fn key(name: &str) -> String {
    let decoded = name.replace("~1", "/").replace("~0", "~");
    decoded.replace(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')), "_")
}

/// Calls a function with the name in each reference, which it may change.
pub(super) fn for_each_reference(schema: &mut Value, change: &mut dyn FnMut(&mut String)) {
    match schema {
        Value::Object(fields) => {
            for (field, value) in fields {
                match value {
                    Value::String(reference) if field == "$ref" => {
                        if let Some(name) = reference.strip_prefix(PATH) {
                            let mut name = name.to_owned();
                            change(&mut name);
                            *reference = format!("{PATH}{name}");
                        }
                    }
                    value => for_each_reference(value, change),
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| for_each_reference(element, change)),
        _ => {}
    }
}

/// The named schemas that a document refers to, directly or through others.
pub(super) fn used(document: &Value, definitions: &Map<String, Value>) -> Map<String, Value> {
    let mut used = Map::new();
    let mut open = vec![document];
    while let Some(schema) = open.pop() {
        for_each_reference(&mut schema.clone(), &mut |name| {
            if let Some((name, schema)) = definitions.get_key_value(name)
                && !used.contains_key(name)
            {
                used.insert(name.clone(), schema.clone());
                open.push(schema);
            }
        });
    }
    used
}
