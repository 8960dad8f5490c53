//! The answers that an endpoint gives to an event, beside the reply of its handler.

use serde_json::{Value, json};

use super::definitions::PATH;
use super::described::Described;
use super::envelope::any_of;

/// The name of the schema of every error. A Rust type can't have it.
pub(super) const ERROR: &str = "aghanim.Error";

/// An answer: its status, and a sentence about it.
pub(super) struct Answer {
    /// A name for it, unique within the event.
    pub(super) name: &'static str,
    /// A number, or a range such as `4XX`.
    pub(super) status: &'static str,
    pub(super) about: &'static str,
    pub(super) retry_after: bool,
}

const fn answer(name: &'static str, status: &'static str, about: &'static str) -> Answer {
    Answer { name, status, about, retry_after: false }
}

/// The errors of every event. A handler's own refusals are among the 4XX, its failures among the 5XX.
const ERRORS: [Answer; 8] = [
    answer("invalid", "400", "The body is malformed, a required field is missing, or the handler refused the event."),
    answer("unsigned", "403", "The signature is missing or wrong, or its time is outside the accepted window."),
    answer("slow", "408", "The body did not arrive in time."),
    answer("long", "413", "The body is too long."),
    answer("not_json", "415", "The content type is not `application/json`, or the body is compressed."),
    answer(
        "refused",
        "4XX",
        "The handler, or one of its extractors, refused the event. Sending it again changes nothing.",
    ),
    Answer { retry_after: true, ..answer("unavailable", "503", "Not now: the event must be sent again.") },
    answer("failed", "5XX", "The handler failed. The event must be sent again."),
];

const REUSED: Answer = answer("reused", "409", "The idempotency key came before, with other data.");

/// The errors of an event.
pub(super) fn errors(event: &Described) -> impl Iterator<Item = &'static Answer> {
    let reused = event.key_reuse_refused.then_some(&REUSED);
    ERRORS.iter().chain(reused)
}

/// Every error that an event can have.
pub(super) fn every_error() -> impl Iterator<Item = &'static Answer> {
    ERRORS.iter().chain([&REUSED])
}

/// The body of an error.
pub(super) fn error() -> Value {
    json!({
        "description": "Every refusal and every failure.",
        "type": "object",
        "properties": {
            "status": { "const": "error" },
            "code": { "type": "string", "description": "For programs." },
            "message": { "type": "string", "description": "For people." },
        },
        "required": ["status", "code", "message"],
    })
}

pub(super) fn error_reference() -> Value {
    json!({ "$ref": format!("{PATH}{ERROR}") })
}

/// The schema of the reply, and of a refusal if it has the same status.
pub(super) fn reply(event: &Described) -> Value {
    let refusal = event.refused_in_body.then(error_reference);
    any_of(event.replies.iter().cloned().chain(refusal).collect())
}

pub(super) fn about_reply(event: &Described) -> &'static str {
    if event.refused_in_body { "The reply, or a refusal." } else { "The reply." }
}
