use std::fmt::Display;
use std::time::Duration;

use http::StatusCode;

use super::memory_budget::Exhausted;
use super::notes::Notes;
use crate::answer::Answer;
use crate::control::Closed;
use crate::envelope::Malformed;
use crate::observer::{Outcome, Unauthenticated};
use crate::shorten::shortened;

/// A request that is refused before it reaches a handler.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Not authenticated. The reason is logged; the answer is always the same.
    Unsigned(Unauthenticated),
    /// The body is too long to be read, and so to be authenticated.
    TooLarge {
        limit: usize,
    },
    /// The body did not arrive within this time.
    TooSlow {
        timeout: Duration,
    },
    /// The body could not be read: the connection broke, or its encoding is wrong.
    BrokenOff,
    NotJson,
    /// The body is compressed. The signature covers the bytes as sent, and nothing here decompresses them.
    Encoded,
    /// Unauthenticated bodies occupy too much memory.
    Busy,
    /// An event that does not say whether it comes from the sandbox, where the endpoint requires it.
    NoSandboxFlag,
    /// An event without a key, where the endpoint requires one.
    NoKey(String),
    UnknownEvent(String),
    /// An unknown event that the endpoint was told to accept.
    IgnoredEvent,
    Malformed {
        path: Option<String>,
        reason: String,
    },
    /// Put off: maintenance, a limit of concurrency, or the end of the process.
    Closed(Closed),
}

const UNSIGNED: Answer = Answer::fixed(
    StatusCode::FORBIDDEN,
    r#"{"status":"error","code":"invalid_signature","message":"Invalid signature"}"#,
);
const IGNORED: Answer = Answer::fixed(StatusCode::ACCEPTED, r#"{"status":"ok"}"#);

impl Refusal {
    pub(super) fn unsigned(kind: Unauthenticated, reason: impl Display) -> Self {
        tracing::debug!(%reason, "refused a request that is not properly signed");
        Self::Unsigned(kind)
    }

    pub(super) fn malformed(malformed: &Malformed) -> Self {
        let owned = |text| shortened(text).into_owned();
        Self::Malformed { path: malformed.path().map(owned), reason: owned(&malformed.to_string()) }
    }

    pub(super) fn unknown_event(event_type: &str) -> Self {
        Self::UnknownEvent(shortened(event_type).into_owned())
    }

    pub(super) fn no_key(event_type: &str) -> Self {
        Self::NoKey(shortened(event_type).into_owned())
    }

    pub(super) fn broken_off(reason: impl Display) -> Self {
        tracing::debug!(%reason, "a body broke off");
        Self::BrokenOff
    }

    /// Notes the outcome.
    pub(super) fn note(&self, notes: &Notes) {
        notes.outcome(match self {
            Self::Unsigned(reason) => Outcome::Unauthenticated(*reason),
            Self::TooLarge { .. } => Outcome::TooLarge,
            Self::TooSlow { .. } => Outcome::TooSlow,
            Self::BrokenOff => Outcome::BrokenOff,
            Self::NotJson | Self::Encoded => Outcome::NotJson,
            Self::Busy => Outcome::MemoryFull,
            Self::NoSandboxFlag => Outcome::NoSandboxFlag,
            Self::NoKey(_) => Outcome::NoKey,
            Self::UnknownEvent(_) => Outcome::Unknown,
            Self::IgnoredEvent => Outcome::Ignored,
            Self::Malformed { path, .. } => return notes.malformed(path.as_deref()),
            Self::Closed(Closed::Draining) => Outcome::Draining,
            Self::Closed(Closed::Paused { .. }) => Outcome::Paused,
            Self::Closed(Closed::Busy) => Outcome::Busy,
        });
    }

    pub(super) fn into_answer(self) -> Answer {
        match self {
            // Unauthenticated: must not flood the log.
            Self::Unsigned(_) | Self::BrokenOff | Self::Busy => {}
            // These are frequent and intended, so they are not logged. Metrics count them.
            Self::Closed(closed) => tracing::debug!(?closed, "an event was put off"),
            Self::TooLarge { limit } => tracing::debug!(limit, "refused a body over `Webhooks::body_limit`"),
            Self::TooSlow { timeout } => tracing::debug!(?timeout, "a body did not arrive within `Webhooks::timeout`"),
            _ => tracing::warn!(refusal = ?self, "a request did not reach a handler"),
        }
        match self {
            Self::Unsigned(_) => UNSIGNED,
            Self::Closed(Closed::Paused { retry_after }) => {
                Answer { retry_after: Some(retry_after), ..Answer::unavailable() }
            }
            Self::IgnoredEvent => IGNORED,
            Self::TooLarge { limit } => Answer::error(
                StatusCode::PAYLOAD_TOO_LARGE,
                "payload_too_large",
                &format!("The body is longer than {limit} bytes"),
            ),
            Self::TooSlow { .. } => {
                Answer::error(StatusCode::REQUEST_TIMEOUT, "request_timeout", "The body did not come in time")
            }
            Self::BrokenOff => {
                Answer::error(StatusCode::BAD_REQUEST, "validation_error", "The body could not be read to its end")
            }
            Self::NoKey(event_type) => Answer::error(
                StatusCode::BAD_REQUEST,
                "validation_error",
                &format!("`idempotency_key`: `{event_type}` is not taken without one here"),
            ),
            Self::NotJson => Answer::error(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "The content type must be application/json",
            ),
            Self::Encoded => Answer::error(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "The body must be sent without a content encoding",
            ),
            Self::Busy | Self::Closed(Closed::Draining | Closed::Busy) => Answer::unavailable(),
            Self::NoSandboxFlag => Answer::error(
                StatusCode::BAD_REQUEST,
                "validation_error",
                "`sandbox`: an event must say here whether it comes from the sandbox",
            ),
            Self::UnknownEvent(event_type) => Answer::error(
                StatusCode::BAD_REQUEST,
                "unknown_event_type",
                &format!("Unknown event type: `{event_type}` has no handler here"),
            ),
            Self::Malformed { reason, .. } => Answer::error(StatusCode::BAD_REQUEST, "validation_error", &reason),
        }
    }
}

impl From<Closed> for Refusal {
    fn from(closed: Closed) -> Self {
        Self::Closed(closed)
    }
}

impl From<Exhausted> for Refusal {
    fn from(_: Exhausted) -> Self {
        tracing::debug!("refused a body while unauthenticated bodies occupy all of `Webhooks::unverified_limit`");
        Self::Busy
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logged::logged;

    #[test]
    fn what_is_frequent_or_comes_from_strangers_is_no_warning() {
        let quiet = [
            Refusal::Unsigned(Unauthenticated::Signature),
            Refusal::BrokenOff,
            Refusal::Busy,
            Refusal::Closed(Closed::Busy),
            Refusal::TooLarge { limit: 1 },
            Refusal::TooSlow { timeout: Duration::from_secs(1) },
        ];
        for refusal in quiet {
            let name = format!("{refusal:?}");
            let lines = logged(|| drop(refusal.into_answer()));
            assert!(lines.iter().all(|line| !line.contains("WARN")), "{name}: {lines:?}");
        }
        let lines = logged(|| drop(Refusal::NotJson.into_answer()));
        assert!(lines.len() == 1 && lines[0].contains("WARN"), "{lines:?}");
    }
}
