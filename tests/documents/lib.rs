//! Validates bodies against the schemas of a document, with a validator that this project did not write.

use jsonschema::Validator;
use serde_json::{Value, json};

/// The draft of JSON Schema that a document uses.
const DRAFT_2020_12: &str = "https://json-schema.org/draft/2020-12/schema";
const DRAFT_07: &str = "http://json-schema.org/draft-07/schema#";

/// A document of either kind, to look schemas up in.
#[derive(Debug, Clone)]
pub struct Document(Value);

impl Document {
    /// A document as the library writes it.
    #[must_use]
    pub fn new(document: Value) -> Self {
        Self(document)
    }

    /// The validator of an event's body.
    ///
    /// # Panics
    /// Panics if the document does not have the event.
    #[must_use]
    pub fn event(&self, name: &str) -> Validator {
        let event = &self.0["webhooks"][name]["post"]["requestBody"]["content"]["application/json"]["schema"];
        let message = &self.0["components"]["messages"][name]["payload"];
        self.validator(if self.is_openapi() { event } else { message }, name)
    }

    /// The validator of an event's answer with this status.
    ///
    /// # Panics
    /// Panics if the document has no such answer.
    #[must_use]
    pub fn answer(&self, name: &str, status: u16) -> Validator {
        let schemas = self.answers(name, status);
        assert!(!schemas.is_empty(), "{name}: the document has no answer {status}");
        self.validator(&json!({ "anyOf": schemas }), name)
    }

    /// True if the document has an answer with this status, or with its range.
    #[must_use]
    pub fn has_answer(&self, name: &str, status: u16) -> bool {
        !self.answers(name, status).is_empty()
    }

    fn answers(&self, name: &str, status: u16) -> Vec<&Value> {
        if self.is_openapi() {
            let responses = &self.0["webhooks"][name]["post"]["responses"];
            let range = format!("{}XX", status / 100);
            let response = responses.get(status.to_string()).or_else(|| responses.get(range));
            let schema = |response| &self.resolved(response)["content"]["application/json"]["schema"];
            return response.map(schema).into_iter().collect();
        }
        let answers = self.0["operations"][name]["reply"]["messages"].as_array().into_iter().flatten();
        let answers = answers.map(|answer| self.resolved(answer));
        let fitting = answers.filter(|answer| answer["bindings"]["http"]["statusCode"] == status);
        fitting.map(|answer| &answer["payload"]).collect()
    }

    fn is_openapi(&self) -> bool {
        self.0["openapi"].is_string()
    }

    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => {
                let target = self.0.pointer(reference.trim_start_matches('#'));
                self.resolved(target.unwrap_or_else(|| panic!("{reference} leads nowhere")))
            }
            None => value,
        }
    }

    fn validator(&self, schema: &Value, at: &str) -> Validator {
        assert!(schema.is_object(), "{at}: the document has no schema");
        let mut schema = json!({ "allOf": [schema] });
        schema["$schema"] = json!(if self.is_openapi() { DRAFT_2020_12 } else { DRAFT_07 });
        schema["components"] = self.0["components"].clone();
        jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{at}: {error}"))
    }
}

/// The errors of a value, one a line. Empty if it is valid.
#[must_use]
pub fn errors(validator: &Validator, value: &Value) -> String {
    let errors = validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path()));
    errors.collect::<Vec<_>>().join("\n")
}
