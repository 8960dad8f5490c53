//! The parts of a document that a partner depends on, whichever kind of document it is.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

/// The events of a document.
pub(super) struct Surface<'a> {
    pub(super) kind: &'static str,
    /// The whole document, to which references point.
    pub(super) root: &'a Value,
    pub(super) events: BTreeMap<String, Event>,
}

/// An event: the schema of its body, and those of its answers.
#[derive(Default)]
pub(super) struct Event {
    pub(super) body: Value,
    /// The headers that a request needs.
    pub(super) headers: String,
    pub(super) answers: BTreeMap<String, Value>,
}

impl Event {
    pub(super) fn statuses(&self) -> Vec<&str> {
        self.answers.keys().map(String::as_str).collect()
    }
}

/// The reason why two documents can't be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotADocument(String);

impl NotADocument {
    pub(super) fn kinds(old: &str, new: &str) -> Self {
        Self(format!("the documents are of different kinds, {old} and {new}: write both in one format"))
    }
}

impl fmt::Display for NotADocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotADocument {}

impl<'a> Surface<'a> {
    pub(super) fn read(root: &'a Value) -> Result<Self, NotADocument> {
        let is = |key: &str, version: &str| root[key].as_str().is_some_and(|text| text.starts_with(version));
        let (kind, events) = if is("openapi", "3.1") {
            ("OpenAPI", openapi(root))
        } else if is("asyncapi", "3.") {
            ("AsyncAPI", asyncapi(root))
        } else {
            let needed = "neither OpenAPI 3.1 nor AsyncAPI 3: write it with `Contract` or `aghanim-hooks spec`";
            return Err(NotADocument(needed.to_owned()));
        };
        Ok(Self { kind, root, events })
    }
}

/// The target of a reference, or the value itself. Null if the target is missing.
pub(super) fn resolved<'a>(root: &'a Value, value: &'a Value) -> &'a Value {
    let mut value = value;
    // More steps than any sound document has: references may go in a circle.
    for _ in 0..32 {
        let Some(target) = value["$ref"].as_str() else { return value };
        let pointer = target.trim_start_matches('#');
        value = root.pointer(pointer).unwrap_or(&Value::Null);
    }
    &Value::Null
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The names of required headers in one text, sorted.
fn listed(mut headers: Vec<String>) -> String {
    headers.sort();
    headers.dedup();
    if headers.is_empty() { "none".to_owned() } else { headers.join(" and ") }
}

fn openapi(root: &Value) -> BTreeMap<String, Event> {
    let schema = |content: &Value| content["content"]["application/json"]["schema"].clone();
    let event = |operation: &Value| {
        let parameters = elements(&operation["parameters"]).map(|parameter| resolved(root, parameter));
        let required =
            parameters.filter(|parameter| parameter["required"] == true).filter_map(|it| it["name"].as_str());
        let schemes = elements(&operation["security"]).flat_map(fields).map(|(name, _)| name);
        let schemes = schemes.filter_map(|name| root["components"]["securitySchemes"][name]["name"].as_str());
        let answers = fields(&operation["responses"]);
        Event {
            body: schema(resolved(root, &operation["requestBody"])),
            headers: listed(required.chain(schemes).map(str::to_owned).collect()),
            answers: answers.map(|(status, answer)| (status.clone(), schema(resolved(root, answer)))).collect(),
        }
    };
    fields(&root["webhooks"]).map(|(name, item)| (name.clone(), event(&resolved(root, item)["post"]))).collect()
}

fn asyncapi(root: &Value) -> BTreeMap<String, Event> {
    let mut events = BTreeMap::new();
    for (_, operation) in fields(&root["operations"]) {
        for message in elements(&operation["messages"]).map(|message| resolved(root, message)) {
            let headers = elements(&resolved(root, &message["headers"])["required"]).filter_map(Value::as_str);
            let mut answers: BTreeMap<String, Value> = BTreeMap::new();
            for answer in elements(&operation["reply"]["messages"]).map(|answer| resolved(root, answer)) {
                let schema = answer["payload"].clone();
                let status = answer["bindings"]["http"]["statusCode"].to_string();
                // Two messages of one status: either may come.
                let both = answers.remove(&status).map(|other| json!({ "anyOf": [other, schema] }));
                answers.insert(status, both.unwrap_or(schema));
            }
            let event = Event {
                body: message["payload"].clone(),
                headers: listed(headers.map(str::to_owned).collect()),
                answers,
            };
            events.insert(message["name"].as_str().unwrap_or_default().to_owned(), event);
        }
    }
    events
}
