//! The events of a contract, each with its schemas.

use serde_json::{Map, Value, json};

use super::definitions::{Definitions, PATH};
use crate::endpoint::Taken;
use crate::environment::Environment;
use crate::event::Schemas;
use crate::events::catalogue::{self, CATALOGUE, EventInfo, IdempotencyKey, Refusal};
use crate::events::schema::schemas_of;
use crate::pattern::prefix;

/// An event, or all events of a pattern.
#[derive(Debug, Clone)]
pub(super) struct Described {
    pub(super) name: String,
    pub(super) about: String,
    /// Sentences about keys and environments.
    pub(super) notes: Vec<&'static str>,
    /// The schemas of `event_data`, one of which fits.
    pub(super) payloads: Vec<Value>,
    /// The schemas of the answer, one of which fits.
    pub(super) replies: Vec<Value>,
    /// True if a refusal has status 200.
    pub(super) refused_in_body: bool,
    /// The fields of the envelope that the endpoint requires, beyond the documented ones.
    pub(super) required: Vec<&'static str>,
    pub(super) key_reuse_refused: bool,
    /// False if a type of a payload or a reply has no schema.
    pub(super) is_complete: bool,
}

impl Described {
    fn new(name: &str, info: Option<&EventInfo>) -> Self {
        let about = match (info, prefix(name)) {
            (Some(info), _) => info.about.to_owned(),
            (None, Some("")) => "Every event that is not named here.".to_owned(),
            (None, Some(family)) => format!("Every event of `{family}…` that is not named here."),
            // Replaced by the description of its payload, if that has one.
            (None, None) => format!("`{name}`"),
        };
        let key = info.map(|info| match info.idempotency_key {
            IdempotencyKey::Expected => "Every documented sample has an `idempotency_key`: take each key once.",
            IdempotencyKey::Null => "`idempotency_key` is null in every documented sample.",
            IdempotencyKey::Varies => "Newer samples have an `idempotency_key`.",
            IdempotencyKey::Unknown => "It is not documented if it has an `idempotency_key`.",
        });
        Self {
            name: name.to_owned(),
            about,
            notes: key.into_iter().collect(),
            payloads: Vec::new(),
            replies: Vec::new(),
            refused_in_body: info.is_some_and(|info| info.refusal == Refusal::InBody),
            required: Vec::new(),
            key_reuse_refused: false,
            is_complete: true,
        }
    }

    fn add(&mut self, schemas: Schemas, definitions: &mut Definitions) {
        let no_schema = |what| json!({ "description": format!("The type of this {what} has no schema.") });
        let payload = definitions.of_payload(schemas.payload);
        let reply = definitions.of_reply(schemas.reply);
        self.is_complete &= payload.is_some() && reply.is_some();
        // `event_data` is always an object, whatever its type reads.
        let mut payload = payload.unwrap_or_else(|| no_schema("payload"));
        if let Some(payload) = payload.as_object_mut().filter(|payload| !payload.contains_key("$ref")) {
            payload.entry("type").or_insert_with(|| "object".into());
        }
        for (schemas, schema) in
            [(&mut self.payloads, payload), (&mut self.replies, reply.unwrap_or_else(|| no_schema("answer")))]
        {
            if !schemas.contains(&schema) {
                schemas.push(schema);
            }
        }
    }
}

impl Described {
    /// Adds the sentences about keys and environments to an operation.
    pub(super) fn note(&self, operation: &mut Value) {
        if !self.notes.is_empty() {
            operation["description"] = self.notes.join(" ").into();
        }
    }

    /// Takes the description of the payload as that of an event that Aghanim does not document.
    pub(super) fn describe(&mut self, definitions: &Map<String, Value>) {
        let is_own = catalogue::find(&self.name).is_none() && prefix(&self.name).is_none();
        let named = self.payloads[0]["$ref"].as_str().and_then(|to| to.strip_prefix(PATH));
        let about = named.and_then(|name| definitions.get(name)?["description"].as_str());
        if let Some(about) = about.filter(|_| is_own) {
            about.clone_into(&mut self.about);
        }
    }
}

/// Every documented event.
pub(super) fn documented(definitions: &mut Definitions) -> Vec<Described> {
    let describe = |info: &EventInfo| {
        let mut event = Described::new(info.name, Some(info));
        event.add(schemas_of(info.name), definitions);
        event
    };
    CATALOGUE.iter().map(describe).collect()
}

/// An event that an endpoint takes.
pub(super) fn taken(taken: &Taken, definitions: &mut Definitions) -> Described {
    let mut event = Described::new(taken.name, catalogue::find(taken.name));
    for entry in &taken.entries {
        event.add(entry.schemas, definitions);
    }
    event.required.extend(taken.key_required.then_some("idempotency_key"));
    event.required.extend(taken.sandbox_flag_required.then_some("sandbox"));
    event.key_reuse_refused = taken.key_reuse_refused;
    event.notes.extend(taken.only.map(|only| match only {
        Environment::Live => "The endpoint takes it from the live environment only.",
        Environment::Sandbox => "The endpoint takes it from the sandbox only.",
    }));
    event
}
