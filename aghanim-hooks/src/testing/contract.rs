//! Compares an answer with the event's contract.

use std::fmt;

use serde_json::Value;

use super::RawAnswer;
use super::shapes::read_reply;
use crate::events::catalogue::{self, Refusal};

/// The result of comparing an answer with its event's contract.
///
/// The contracts are Aghanim's documentation; see the table in [`events`](crate::events).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fit {
    /// The event is accepted, in the shape that its contract asks for.
    Accepted,
    /// The event is refused, in the shape that its contract asks for.
    Refused {
        /// `code` of the body; empty if there is none.
        code: String,
        /// `message` of the body; empty if there is none.
        message: String,
    },
    /// The answer is a 5xx: Aghanim sends the event again.
    Failed,
    /// The answer breaks the contract, for this reason.
    Misfit(String),
}

impl Fit {
    /// Compares an answer with the contract of an event. An event that the catalogue does not have needs a 2xx only.
    ///
    /// ```
    /// use aghanim_hooks::testing::{Fit, RawAnswer};
    /// use http::{HeaderMap, StatusCode};
    ///
    /// let ok = RawAnswer::new(StatusCode::OK, HeaderMap::new(), r#"{"status":"ok"}"#);
    /// assert_eq!(Fit::of("item.add", &ok), Fit::Accepted);
    /// assert!(matches!(Fit::of("player.verify", &ok), Fit::Misfit(_)));
    /// ```
    #[must_use]
    pub fn of(event_type: &str, answer: &RawAnswer) -> Self {
        let (code, message) = answer.error();
        let says_error = answer.json().is_some_and(|body| body.get("status").is_some_and(|status| status == "error"));
        let in_body = catalogue::find(event_type).is_some_and(|event| event.refusal == Refusal::InBody);
        match answer.status.as_u16() {
            200..300 if says_error && in_body => {
                if code.is_empty() {
                    return Self::misfit("a refusal needs a `code`, which is a string");
                }
                Self::Refused { code, message }
            }
            200..300 if says_error => {
                Self::misfit("`\"status\":\"error\"` with a 2xx: the status counts, so this is taken for a yes")
            }
            200..300 => accepted(event_type, answer),
            500.. => Self::Failed,
            400..500 if event_type == "player.lookup" => Self::misfit(
                "`player.lookup` is refused with HTTP 200 and `{\"status\":\"error\",\"code\",\"message\"}`",
            ),
            400..500 if event_type == "player.verify" && !is_flat_error(answer) => {
                Self::misfit("`player.verify` is refused with a flat `{\"status\":\"error\",\"code\",\"message\"}`")
            }
            400..500 => Self::Refused { code, message },
            _ => Self::misfit("neither a yes (2xx), nor a no (4xx), nor a failure (5xx)"),
        }
    }

    fn misfit(reason: impl Into<String>) -> Self {
        Self::Misfit(reason.into())
    }
}

impl fmt::Display for Fit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted => f.write_str("accepted"),
            Self::Refused { code, message } if code.is_empty() && message.is_empty() => f.write_str("refused"),
            Self::Refused { code, message } => write!(f, "refused: {code}: {message}"),
            Self::Failed => f.write_str("failed, to be sent again"),
            Self::Misfit(reason) => write!(f, "does not fit the event's contract: {reason}"),
        }
    }
}

fn accepted(event_type: &str, answer: &RawAnswer) -> Fit {
    // Any 2xx acknowledges, whatever its body is.
    let Some(event) = catalogue::find(event_type).filter(|event| event.needs_answer()) else { return Fit::Accepted };
    match read_reply(event.name, &answer.body) {
        Ok(()) => Fit::Accepted,
        Err(error) => Fit::misfit(format!("`{event_type}` asks for a `{}`: {error}", event.reply)),
    }
}

fn is_flat_error(answer: &RawAnswer) -> bool {
    let body = answer.json().unwrap_or_default();
    ["status", "code", "message"].iter().all(|key| body.get(key).is_some_and(Value::is_string))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};

    use super::*;

    fn fit(event_type: &str, status: u16, body: &str) -> Fit {
        let status = StatusCode::from_u16(status).unwrap();
        Fit::of(event_type, &RawAnswer::new(status, HeaderMap::new(), body.to_owned()))
    }

    const PLAYER: &str = r#"{"player_id":"p","name":"Ayla","attributes":{}}"#;
    const ERROR: &str = r#"{"status":"error","code":"not_found","message":"no such player"}"#;

    #[test]
    fn each_event_has_its_own_shape() {
        let refused = Fit::Refused { code: "not_found".to_owned(), message: "no such player".to_owned() };
        assert_eq!(fit("player.verify", 200, PLAYER), Fit::Accepted);
        assert_eq!(fit("player.verify", 404, ERROR), refused);
        assert_eq!(fit("player.lookup", 200, ERROR), refused);
        assert_eq!(fit("player.update", 200, ERROR), refused);
        assert_eq!(fit("player.update", 404, ERROR), refused);
        assert_eq!(fit("store.get", 200, r#"{"items":[{"sku":"gems"}]}"#), Fit::Accepted);
        for (status, body) in [(200, ""), (204, ""), (202, "thanks")] {
            assert_eq!(fit("item.add", status, body), Fit::Accepted);
        }
        assert_eq!(fit("item.add", 503, ERROR), Fit::Failed);
        assert_eq!(fit("guild.joined", 200, "[]"), Fit::Accepted);
    }

    #[test]
    fn what_fits_no_contract() {
        for (event, status, body) in [
            ("player.verify", 200, "{}"),
            ("player.verify", 200, ERROR),
            ("player.verify", 404, "not found"),
            ("player.lookup", 404, ERROR),
            ("player.lookup", 200, r#"{"status":"error"}"#),
            ("store.get", 200, r#"[{"sku":"gems"}]"#),
            ("item.add", 200, ERROR),
            ("item.add", 302, ""),
        ] {
            assert!(matches!(fit(event, status, body), Fit::Misfit(_)), "{event} {status} {body}");
        }
    }
}
