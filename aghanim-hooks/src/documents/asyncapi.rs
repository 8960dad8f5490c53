//! The contract as AsyncAPI 3.0.

use schemars::Schema;
use schemars::transform::{RemoveRefSiblings, ReplacePrefixItems, ReplaceUnevaluatedProperties, Transform as _};
use serde_json::{Map, Value, json};

use super::contract::Contract;
use super::definitions::used;
use super::described::Described;
use super::envelope::{ENVELOPE, any_of, envelope, whole_event};
use super::{answers, headers};

impl Contract {
    /// Writes the contract as an AsyncAPI 3.0 document, with the events as operations that receive a message and reply.
    ///
    /// AsyncAPI has one number as the status of a reply. So 400 means any refusal, and 500 any failure.
    #[must_use]
    pub fn asyncapi(&self) -> Value {
        write(self)
    }
}

fn write(contract: &Contract) -> Value {
    let (mut channels, mut operations, mut messages) = (Map::new(), Map::new(), Map::new());
    for event in &contract.events {
        let id = id(&event.name);
        let answer_id = format!("{id}.Answer");
        let mut answers = vec![("answer", answer_id.clone())];
        if event.refused_in_body {
            answers.push(("refused_in_body", error_id("refused_in_body")));
        }
        answers.extend(
            answers::errors(event)
                .filter(|error| status(error).is_some())
                .map(|error| (error.name, error_id(error.name))),
        );
        messages.insert(id.clone(), message(event));
        messages.insert(answer_id.clone(), reply(event));
        channels.insert(id.clone(), channel(&event.about, &[("event", id.clone())]));
        channels.insert(answer_id.clone(), channel("The answers to the event.", &answers));
        operations.insert(id.clone(), operation(event, &id, &answer_id, &answers));
    }
    for error in answers::every_error() {
        if let Some(status) = status(error) {
            messages.insert(error_id(error.name), error_message(error.about, status));
        }
    }
    messages.insert(error_id("refused_in_body"), error_message("The handler refused the event.", 200));
    messages.retain(|name, _| {
        let is_used = |channel: &Value| {
            channel["messages"]
                .as_object()
                .is_some_and(|messages| messages.values().any(|message| message["$ref"] == message_reference(name)))
        };
        channels.values().any(is_used)
    });
    let mut schemas = used(&json!(messages), &contract.definitions);
    schemas.insert(ENVELOPE.into(), envelope());
    schemas.insert(answers::ERROR.into(), answers::error());
    schemas.values_mut().for_each(as_draft_07);
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": contract.title,
            "version": contract.version,
            "description": headers::ABOUT,
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": messages,
            "schemas": schemas,
            "securitySchemes": {
                "signature": {
                    "type": "httpApiKey",
                    "in": "header",
                    "name": headers::SIGNATURE,
                    "description": headers::ABOUT_SIGNATURE,
                },
            },
        },
    })
}

/// The name as a key, in which `*` is not allowed. Names have no capital letters, so other keys have one.
fn id(name: &str) -> String {
    name.replace('*', "Any")
}

/// The key of the message with an error.
fn error_id(name: &str) -> String {
    format!("{}.{name}", answers::ERROR)
}

fn message_reference(message: &str) -> String {
    format!("#/components/messages/{message}")
}

fn channel(about: &str, messages: &[(&str, String)]) -> Value {
    let messages: Map<String, Value> = messages
        .iter()
        .map(|(name, message)| ((*name).to_owned(), json!({ "$ref": message_reference(message) })))
        .collect();
    // The URL is the endpoint's, which is set in Aghanim's dashboard.
    json!({ "address": null, "description": about, "messages": messages })
}

fn operation(event: &Described, id: &str, answer_id: &str, answers: &[(&str, String)]) -> Value {
    let answers: Vec<Value> =
        answers.iter().map(|(name, _)| json!({ "$ref": format!("#/channels/{answer_id}/messages/{name}") })).collect();
    let mut operation = json!({
        "action": "receive",
        "title": event.name,
        "summary": event.about,
        "channel": { "$ref": format!("#/channels/{id}") },
        "messages": [{ "$ref": format!("#/channels/{id}/messages/event") }],
        "security": [{ "$ref": "#/components/securitySchemes/signature" }],
        "bindings": { "http": { "method": "POST", "bindingVersion": "0.3.0" } },
        "reply": { "channel": { "$ref": format!("#/channels/{answer_id}") }, "messages": answers },
    });
    event.note(&mut operation);
    operation
}

fn message(event: &Described) -> Value {
    let timestamp = json!({ "allOf": [headers::timestamp()], "description": headers::ABOUT_TIMESTAMP });
    json!({
        "name": event.name,
        "title": event.name,
        "summary": event.about,
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "properties": { headers::SIGNATURE: headers::signature(), headers::TIMESTAMP: timestamp },
            "required": [headers::SIGNATURE, headers::TIMESTAMP],
        },
        "payload": draft_07(whole_event(event)),
    })
}

fn reply(event: &Described) -> Value {
    json!({
        "name": format!("{} answer", event.name),
        "summary": "The reply.",
        "contentType": "application/json",
        "payload": draft_07(any_of(event.replies.clone())),
        "bindings": binding(200),
    })
}

fn error_message(about: &str, status: u16) -> Value {
    json!({
        "name": "error",
        "summary": about,
        "contentType": "application/json",
        "payload": answers::error_reference(),
        "bindings": binding(status),
    })
}

fn binding(status: u16) -> Value {
    json!({ "http": { "statusCode": status, "bindingVersion": "0.3.0" } })
}

/// The status of an error. `5XX` becomes 500. `4XX` has no status here, since 400 is an error of its own.
fn status(error: &answers::Answer) -> Option<u16> {
    match error.status {
        "4XX" => None,
        "5XX" => Some(500),
        status => status.parse().ok(),
    }
}

/// Rewrites a schema for draft 7, which AsyncAPI builds on.
fn as_draft_07(schema: &mut Value) {
    *schema = draft_07(std::mem::take(schema));
}

fn draft_07(schema: Value) -> Value {
    // Neither an object nor a boolean: not a schema, and nothing to rewrite.
    let Ok(mut schema) = Schema::try_from(schema.clone()) else { return schema };
    ReplaceUnevaluatedProperties::default().transform(&mut schema);
    RemoveRefSiblings::default().transform(&mut schema);
    ReplacePrefixItems::default().transform(&mut schema);
    schema.to_value()
}
