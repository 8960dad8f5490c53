//! A schema without its spelling: references followed, `allOf` merged, null as a type.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::keywords::LIMITS;
use super::surface::resolved;

/// The type names of JSON, for a schema that has no `type`.
const ANY: [&str; 6] = ["array", "boolean", "null", "number", "object", "string"];

/// A schema, ready to be compared.
#[derive(Debug, Clone)]
pub(super) struct View {
    /// The names of the types. `integer` only if `number` is not among them.
    pub(super) types: BTreeSet<String>,
    pub(super) fields: BTreeMap<String, Value>,
    pub(super) required: BTreeSet<String>,
    /// The schema of keys without a name.
    pub(super) other_fields: Option<Value>,
    pub(super) elements: Option<Value>,
    /// The values of a closed set, as JSON text.
    pub(super) values: Option<BTreeSet<String>>,
    /// The known values of an open set, as JSON text.
    pub(super) known: BTreeSet<String>,
    /// The alternatives, if there are several beside null.
    pub(super) choices: Vec<Value>,
    /// Limits such as `minimum`.
    pub(super) limits: BTreeMap<&'static str, Value>,
}

impl View {
    pub(super) fn of(root: &Value, schema: &Value) -> Self {
        let schema = match schema {
            Value::Object(fields) if fields.contains_key("$ref") => {
                let target = Self::of(root, resolved(root, schema));
                let mut siblings = fields.clone();
                siblings.remove("$ref");
                return if siblings.keys().all(|key| key == "description" || key == "title") {
                    target
                } else {
                    target.and(Self::of(root, &Value::Object(siblings)))
                };
            }
            schema => schema,
        };
        let mut view = Self::plain(schema);
        for part in list(&schema["allOf"]) {
            view = view.and(Self::of(root, part));
        }
        for key in ["anyOf", "oneOf"] {
            if schema[key].is_array() {
                view = view.and(Self::choice(root, list(&schema[key])));
            }
        }
        view
    }

    /// The schema's own keywords.
    fn plain(schema: &Value) -> Self {
        let text = |value: &Value| value.to_string();
        let values: Option<BTreeSet<String>> = match (&schema["const"], &schema["enum"]) {
            (Value::Null, Value::Array(values)) => Some(values.iter().map(text).collect()),
            (Value::Null, _) if schema.get("const").is_none() => None,
            (value, _) => Some(BTreeSet::from([text(value)])),
        };
        let named: Vec<&str> = match &schema["type"] {
            Value::String(name) => vec![name],
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            _ => match &values {
                Some(values) => values.iter().map(|value| type_of(value)).collect(),
                None => ANY.to_vec(),
            },
        };
        let mut types: BTreeSet<String> = named.into_iter().map(str::to_owned).collect();
        if types.contains("number") {
            types.remove("integer");
        }
        let other_fields = schema.get("additionalProperties").filter(|other| **other != Value::Bool(true));
        let mut fields = BTreeMap::new();
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            fields.insert(name.clone(), field.clone());
        }
        Self {
            types,
            fields,
            required: list(&schema["required"]).filter_map(Value::as_str).map(str::to_owned).collect(),
            other_fields: other_fields.cloned(),
            elements: schema.get("items").filter(|items| !items.is_boolean()).cloned(),
            values,
            known: list(&schema["examples"]).map(text).collect(),
            choices: Vec::new(),
            limits: LIMITS
                .iter()
                .filter_map(|limit| Some((limit.keyword, schema.get(limit.keyword)?.clone())))
                .collect(),
        }
    }

    /// Several schemas, one of which must hold. Null is not a choice, and values are one set.
    fn choice<'a>(root: &Value, choices: impl Iterator<Item = &'a Value>) -> Self {
        let mut nullable = false;
        let mut rest: Vec<(Value, Self)> = Vec::new();
        let mut open: Vec<&Value> = choices.collect();
        open.reverse();
        while let Some(choice) = open.pop() {
            // Choices of choices are choices.
            let target = resolved(root, choice);
            if let Some(inner) = target["anyOf"].as_array().filter(|_| target.get("properties").is_none()) {
                open.extend(inner.iter().rev());
                continue;
            }
            let mut view = Self::of(root, choice);
            if view.types.remove("null") {
                nullable = true;
                if view.types.is_empty() {
                    continue;
                }
            }
            rest.push((choice.clone(), view));
        }
        let closed = rest.iter().all(|(_, view)| view.values.is_some());
        let mut view = match rest.len() {
            1 => rest.remove(0).1,
            _ => {
                let mut view = Self::plain(&Value::Null);
                view.types = rest.iter().flat_map(|(_, view)| view.types.clone()).collect();
                if closed && !rest.is_empty() {
                    view.values =
                        Some(rest.into_iter().flat_map(|(_, view)| view.values.unwrap_or_default()).collect());
                } else {
                    view.choices = rest.into_iter().map(|(choice, _)| choice).collect();
                }
                view
            }
        };
        if nullable {
            view.types.insert("null".to_owned());
        }
        view
    }

    /// Both schemas at once.
    fn and(mut self, other: Self) -> Self {
        let is_any = |types: &BTreeSet<String>| types.len() == ANY.len();
        self.types = match (is_any(&self.types), is_any(&other.types)) {
            (true, _) => other.types,
            (_, true) => self.types,
            _ => self.types.intersection(&other.types).cloned().collect(),
        };
        for (name, field) in other.fields {
            // The more precise one counts: an envelope says `object`, and the event says which.
            self.fields
                .entry(name)
                .and_modify(|known| *known = serde_json::json!({ "allOf": [known.clone(), field.clone()] }))
                .or_insert(field);
        }
        self.required.extend(other.required);
        self.other_fields = self.other_fields.or(other.other_fields);
        self.elements = self.elements.or(other.elements);
        self.values = match (self.values, other.values) {
            (Some(one), Some(another)) => Some(one.intersection(&another).cloned().collect()),
            (one, another) => one.or(another),
        };
        self.known.extend(other.known);
        self.choices.extend(other.choices);
        self.limits.extend(other.limits);
        self
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The type of a value, by its JSON text.
fn type_of(json: &str) -> &'static str {
    match json.as_bytes().first() {
        Some(b'"') => "string",
        Some(b't' | b'f') => "boolean",
        Some(b'n') => "null",
        Some(b'{') => "object",
        Some(b'[') => "array",
        _ => "number",
    }
}
