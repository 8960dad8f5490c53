use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::events::catalogue::{self, Refusal};

/// An answer, unchanged: status, headers and body.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RawAnswer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body's bytes.
    pub body: Bytes,
}

impl RawAnswer {
    /// Makes an answer by hand.
    #[must_use]
    pub fn new(status: StatusCode, headers: HeaderMap, body: impl Into<Bytes>) -> Self {
        Self { status, headers, body: body.into() }
    }

    /// The body as text; bytes that are not UTF-8 become U+FFFD.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; `None` if it is not JSON.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The `code` and the `message` of a body that is an error object.
    pub(super) fn error(&self) -> (String, String) {
        let body = self.json().unwrap_or_default();
        let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        (text("code"), text("message"))
    }

    /// True for an HTTP error, or for `"status":"error"` if the event's contract puts the refusal in the body.
    pub(super) fn is_refusal(&self, event_type: &str) -> bool {
        let in_body = catalogue::find(event_type).is_some_and(|event| event.refusal == Refusal::InBody);
        !self.status.is_success()
            || in_body && self.json().is_some_and(|body| body.get("status").is_some_and(|status| status == "error"))
    }

    /// Reads the reply to an event.
    ///
    /// The outer error is a text: the answer accepts the event, but does not have the reply's shape.
    pub(super) fn read<R: DeserializeOwned>(self, event_type: &str) -> Result<Result<R, Refused>, String> {
        if self.is_refusal(event_type) {
            let (code, message) = self.error();
            return Ok(Err(Refused { code, message, answer: Box::new(self) }));
        }
        match serde_json::from_slice(&self.body) {
            Ok(reply) => Ok(Ok(reply)),
            Err(error) => {
                let reply = std::any::type_name::<R>();
                Err(format!("`{event_type}` was answered with what is not a `{reply}`: {error}\n{self}"))
            }
        }
    }
}

/// Writes the status and the body.
impl fmt::Display for RawAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        if !self.body.is_empty() {
            write!(f, " {}", self.text())?;
        }
        Ok(())
    }
}

impl fmt::Debug for RawAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawAnswer")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("body", &self.text())
            .finish()
    }
}

/// The receiver's refusal of an event, or its failure.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// `code` of the body; empty if there is none.
    pub code: String,
    /// `message` of the body; empty if there is none.
    pub message: String,
    /// The whole answer.
    pub answer: Box<RawAnswer>,
}

impl Refused {
    /// The HTTP status. It is 200 for a refused `player.lookup` or `player.update`.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.answer.status.as_u16()
    }

    /// True for a failure, which Aghanim retries: a 5xx.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        self.answer.status.is_server_error()
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused with {}", self.answer)
    }
}

/// Writes the same as `Display`, since this is what `unwrap` prints.
impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Refused {}
