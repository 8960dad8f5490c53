//! The contract as OpenAPI 3.1.

use serde_json::{Map, Value, json};

use super::contract::Contract;
use super::definitions::used;
use super::described::Described;
use super::envelope::{ENVELOPE, envelope, whole_event};
use super::{answers, headers};

impl Contract {
    /// Writes the contract as an OpenAPI 3.1 document, with the events under `webhooks`.
    #[must_use]
    pub fn openapi(&self) -> Value {
        write(self)
    }
}

fn write(contract: &Contract) -> Value {
    let webhooks: Map<String, Value> =
        contract.events.iter().map(|event| (event.name.clone(), json!({ "post": operation(event) }))).collect();
    let mut schemas = used(&json!(webhooks), &contract.definitions);
    schemas.insert(ENVELOPE.into(), envelope());
    schemas.insert(answers::ERROR.into(), answers::error());
    let is_used = |name: &str| contract.events.iter().flat_map(answers::errors).any(|error| error.name == name);
    let responses: Map<String, Value> = answers::every_error()
        .filter(|error| is_used(error.name))
        .map(|error| (error.name.to_owned(), response(error)))
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": contract.title,
            "version": contract.version,
            "description": headers::ABOUT,
        },
        "webhooks": webhooks,
        "components": {
            "schemas": schemas,
            "responses": responses,
            "parameters": {
                "timestamp": {
                    "name": headers::TIMESTAMP,
                    "in": "header",
                    "required": true,
                    "description": headers::ABOUT_TIMESTAMP,
                    "schema": headers::timestamp(),
                },
            },
            "headers": {
                "retry_after": {
                    "description": "The time to wait, in seconds.",
                    "schema": { "type": "integer", "minimum": 0 },
                },
            },
            "securitySchemes": {
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": headers::SIGNATURE,
                    "description": headers::ABOUT_SIGNATURE,
                },
            },
        },
    })
}

fn operation(event: &Described) -> Value {
    let mut responses = Map::new();
    responses.insert(
        "200".into(),
        json!({
            "description": answers::about_reply(event),
            "content": { "application/json": { "schema": answers::reply(event) } },
        }),
    );
    for error in answers::errors(event) {
        let reference = format!("#/components/responses/{}", error.name);
        responses.insert(error.status.into(), json!({ "$ref": reference }));
    }
    let mut operation = json!({
        "operationId": event.name,
        "summary": event.about,
        "security": [{ "signature": [] }],
        "parameters": [{ "$ref": "#/components/parameters/timestamp" }],
        "requestBody": {
            "required": true,
            "content": { "application/json": { "schema": whole_event(event) } },
        },
        "responses": responses,
    });
    event.note(&mut operation);
    operation
}

fn response(error: &answers::Answer) -> Value {
    let mut response = json!({
        "description": error.about,
        "content": { "application/json": { "schema": answers::error_reference() } },
    });
    if error.retry_after {
        response["headers"] = json!({ "Retry-After": { "$ref": "#/components/headers/retry_after" } });
    }
    response
}
