//! Why a call to the management API failed, and what to change.

use std::fmt;
use std::time::Duration;

use http::StatusCode;
use http::header::{CONTENT_TYPE, LOCATION};
use serde_json::Value;

use crate::exit::Exit;
use crate::output::printable;
use crate::transport::Failure;

/// A call that failed. Its text says what to change.
#[derive(Debug)]
pub struct ApiError {
    /// The kind of the failure.
    pub kind: Kind,
    message: String,
    /// True if the call was repeated after an attempt that may have been carried out.
    pub repeated: bool,
}

/// The kind of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// There was no connection.
    Unreachable,
    /// The answer did not come in time.
    Timeout,
    /// The answer was cut off.
    Broken,
    /// The API answered with this status, which is not a success.
    Status(StatusCode),
    /// The API answered with a success that can't be read.
    Unreadable,
}

impl ApiError {
    pub(super) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), repeated: false }
    }

    pub(super) fn timeout(url: &str, time: Duration) -> Self {
        let time = humantime::format_duration(time);
        Self::new(Kind::Timeout, format!("{url} did not answer within {time}: set --timeout, or try again later"))
    }

    pub(super) fn unanswered(url: &str, failure: &Failure) -> Self {
        match failure {
            Failure::Unreachable(reason) => {
                Self::new(Kind::Unreachable, format!("can't reach {reason}: look at the network, a proxy, or --api"))
            }
            Failure::Broken(reason) => Self::new(Kind::Broken, format!("{url}: the answer was cut off: {reason}")),
        }
    }

    /// The error of an answer that is not a success. `about` is the webhook's id, if the call was about one.
    pub(super) fn status(answer: &http::Response<bytes::Bytes>, about: Option<&str>) -> Self {
        let status = answer.status();
        let said = said(answer);
        let message = match status.as_u16() {
            401 | 403 => format!(
                "Aghanim refused the API key ({status}): set AGHANIM_API_KEY, or --api-key-file, to a key of this game. \
                 The sandbox and the live environment have different keys.{said}"
            ),
            404 => match about {
                Some(id) => format!(
                    "there is no webhook `{id}` for this API key ({status}): `aghanim-hooks webhooks list` shows those \
                     that there are. A key sees one game, in the sandbox or live.{said}"
                ),
                None => format!("there is no such API ({status}): correct --api.{said}"),
            },
            422 => format!("Aghanim refused the values ({status}):{}", refused_values(answer).unwrap_or(said)),
            429 => format!("too many requests ({status}): try again later.{said}"),
            500.. => format!("Aghanim failed ({status}): try again later.{said}"),
            300..=399 => {
                let location = answer.headers().get(LOCATION).map(|to| String::from_utf8_lossy(to.as_bytes()));
                let location = location.map_or_else(|| "elsewhere".to_owned(), |to| printable(&to));
                format!(
                    "the API redirects to {location} ({status}), which is not followed, since the API key would go along: \
                     set --api"
                )
            }
            _ => format!("Aghanim refused ({status}).{said}"),
        };
        Self::new(Kind::Status(status), message)
    }

    pub(super) fn unreadable(answer: &http::Response<bytes::Bytes>, reason: &str) -> Self {
        let kind = answer.headers().get(CONTENT_TYPE).map(|kind| String::from_utf8_lossy(kind.as_bytes()));
        let kind = kind.map_or_else(|| "no content type".to_owned(), |kind| printable(&kind));
        let message = format!(
            "the answer ({}, {kind}) is not what Aghanim documents: {reason}: is --api right?",
            answer.status()
        );
        Self::new(Kind::Unreadable, message)
    }

    /// The exit code.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.kind == Kind::Timeout { Exit::Timeout } else { Exit::Refused }
    }

    /// True if Aghanim may have done what was asked.
    #[must_use]
    pub fn may_have_been_done(&self) -> bool {
        match self.kind {
            Kind::Timeout | Kind::Broken | Kind::Unreadable => true,
            Kind::Status(status) => status.is_server_error(),
            Kind::Unreachable => false,
        }
    }

    /// True if there is no such webhook.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.kind == Kind::Status(StatusCode::NOT_FOUND)
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ApiError {}

/// The beginning of the answer's text, for a message.
fn said(answer: &http::Response<bytes::Bytes>) -> String {
    let text = String::from_utf8_lossy(answer.body());
    let text = printable(text.trim());
    match text.char_indices().nth(200) {
        _ if text.is_empty() => String::new(),
        Some((end, _)) => format!(" It says: {}…", &text[..end]),
        None => format!(" It says: {text}"),
    }
}

/// The documented form of a 422: `{"detail": [{"loc": ["body", "url"], "msg": …}]}`.
fn refused_values(answer: &http::Response<bytes::Bytes>) -> Option<String> {
    let body: Value = serde_json::from_slice(answer.body()).ok()?;
    let details = body["detail"].as_array()?;
    let lines = details.iter().map(|detail| {
        let parts = detail["loc"].as_array().into_iter().flatten();
        let place: Vec<_> = parts.map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned)).collect();
        let change =
            place.iter().find_map(|part| flag(part)).map_or_else(String::new, |flag| format!(": change {flag}"));
        let message = detail["msg"].as_str().unwrap_or("no reason is given");
        format!(" `{}`: {}{change}", printable(&place.join(".")), printable(message))
    });
    Some(lines.collect::<Vec<_>>().join(";"))
}

/// The option that sets a field.
fn flag(field: &str) -> Option<&'static str> {
    Some(match field {
        "events" => "--event",
        "url" => "--url",
        "description" => "--description",
        "method" => "--method",
        "enabled" => "--enabled",
        "enabled_logs" => "--logs",
        "player_context_enabled" => "--player-context",
        "batch_mode" => "--batch-mode",
        "webhook_id" => "the webhook's id",
        _ => return None,
    })
}
