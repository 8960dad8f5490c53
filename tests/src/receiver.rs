//! A receiver of webhooks written by hand, without this library's endpoint, and with one flaw if a test wants one.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use aghanim_hooks::Secret;
use aghanim_hooks::signature::{SIGNATURE_HEADER, SignedHeaders, TIMESTAMP_HEADER, Tolerance, Verifier};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};

/// One mistake that receivers in the wild make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// The signature is not checked.
    NoCheck,
    /// The signature is checked over the body after it was parsed and written again.
    Reserialised,
    /// The body is parsed before the signature is checked.
    ParsedFirst,
    /// The time of a request is not checked.
    StaleAccepted,
    /// A request is refused after five minutes.
    NarrowWindow,
    /// Every delivery is granted.
    NoDedupe,
    /// The key is checked first, and stored only after the work.
    CheckThenInsert,
    /// The key is stored before the work, and is kept when the work fails.
    ErrorRemembered,
    /// A duplicate is answered with 409.
    DuplicateIsError,
    /// Duplicates are recognised by the event's id only.
    DedupedByEventId,
    /// `player.verify` is answered with an acknowledgement.
    WrongShape,
    /// An error answer contains the error's own text.
    ErrorLeaked,
    /// The answer to a wrong signature contains the right one.
    SignatureTold,
    /// If a header comes twice, the first one is used.
    FirstOfTwoHeaders,
    /// A body over a mebibyte causes a panic.
    CrashOnLargeBody,
    /// An unknown key is refused.
    StrictKeys,
    /// An unknown event causes a 5xx.
    UnknownEventFails,
}

/// Each flaw, the scenario that must find it, and other scenarios that fail for the same reason.
pub const FLAWS: &[(Flaw, &str, &[&str])] = &[
    (
        Flaw::NoCheck,
        "unsigned",
        &[
            "other-secret",
            "altered-body",
            "altered-whitespace",
            "altered-timestamp",
            "malformed-signature",
            "doubled-signature",
            "doubled-timestamp",
            "stale",
        ],
    ),
    (Flaw::Reserialised, "altered-whitespace", &["unusual-formatting"]),
    (Flaw::ParsedFirst, "body-parsed-first", &[]),
    (Flaw::StaleAccepted, "stale", &[]),
    (Flaw::NarrowWindow, "late-retry", &[]),
    (Flaw::NoDedupe, "duplicates-in-sequence", &["duplicates-in-parallel", "same-key-other-event-id"]),
    (Flaw::CheckThenInsert, "duplicates-in-parallel", &[]),
    (Flaw::ErrorRemembered, "same-key-after-an-error", &[]),
    (Flaw::DuplicateIsError, "duplicates-in-sequence", &["duplicates-in-parallel", "same-key-other-event-id"]),
    (Flaw::DedupedByEventId, "same-key-other-event-id", &[]),
    (Flaw::WrongShape, "answer-shape", &[]),
    (Flaw::ErrorLeaked, "error-text", &[]),
    (Flaw::SignatureTold, "expected-signature", &[]),
    (Flaw::FirstOfTwoHeaders, "doubled-signature", &["doubled-timestamp"]),
    (Flaw::CrashOnLargeBody, "large-body", &[]),
    (Flaw::StrictKeys, "unknown-keys", &[]),
    (Flaw::UnknownEventFails, "unknown-event", &[]),
];

/// The receiver's own state.
#[derive(Clone)]
struct Game {
    secret: Secret,
    flaw: Option<Flaw>,
    world: Arc<Mutex<World>>,
}

#[derive(Default)]
struct World {
    seen: HashSet<String>,
    gems: i64,
}

/// An application that takes `player.verify` and `item.add` at `/webhook`.
pub fn receiver(secret: Secret, flaw: Option<Flaw>) -> Router {
    Router::new().route("/webhook", post(webhook)).layer(DefaultBodyLimit::max(8 * 1024 * 1024)).with_state(Game {
        secret,
        flaw,
        world: Arc::default(),
    })
}

type Answer = (StatusCode, [(HeaderName, &'static str); 1], String);

fn json(status: StatusCode, body: &Value) -> Answer {
    (status, [(CONTENT_TYPE, "application/json")], body.to_string())
}

fn error(status: StatusCode, code: &str, message: impl Into<String>) -> Answer {
    json(status, &json!({"status": "error", "code": code, "message": message.into()}))
}

fn ok(body: &Value) -> Answer {
    json(StatusCode::OK, body)
}

async fn webhook(State(game): State<Game>, headers: HeaderMap, body: Bytes) -> Answer {
    let malformed = || error(StatusCode::BAD_REQUEST, "validation_error", "the body is no event");
    if game.flaw == Some(Flaw::CrashOnLargeBody) {
        assert!(body.len() < 1024 * 1024, "out of memory");
    }
    let parsed = serde_json::from_slice::<Value>(&body).ok();
    if game.flaw == Some(Flaw::ParsedFirst) && parsed.is_none() {
        return malformed();
    }
    if let Err(message) = game.authenticate(&headers, &body) {
        return error(StatusCode::FORBIDDEN, "invalid_signature", message);
    }
    let Some(event) = parsed else { return malformed() };
    let known = ["event_id", "event_type", "event_data", "event_time", "game_id", "idempotency_key", "request_id"];
    let known = [&known[..], &["sandbox", "trigger", "transaction_id", "context"]].concat();
    let strict = game.flaw == Some(Flaw::StrictKeys);
    if strict && event.as_object().is_some_and(|event| event.keys().any(|key| !known.contains(&&**key))) {
        return malformed();
    }
    match event["event_type"].as_str() {
        Some("player.verify") => game.verify(&event["event_data"]),
        Some("item.add") => game.add_items(&event).await,
        Some(_) if game.flaw == Some(Flaw::UnknownEventFails) => {
            error(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "Internal error")
        }
        Some(_) => error(StatusCode::BAD_REQUEST, "unknown_event_type", "Unknown event type"),
        None => malformed(),
    }
}

impl Game {
    fn authenticate(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), String> {
        let invalid = || "Invalid signature".to_owned();
        let header = |name| {
            let mut values = headers.get_all(name).iter();
            match (values.next(), values.next()) {
                (Some(value), None) => Ok(value.as_bytes()),
                (Some(value), Some(_)) if self.flaw == Some(Flaw::FirstOfTwoHeaders) => Ok(value.as_bytes()),
                _ => Err(invalid()),
            }
        };
        if self.flaw == Some(Flaw::NoCheck) {
            return Ok(());
        }
        let timestamp = header(TIMESTAMP_HEADER)?;
        let signed = SignedHeaders::parse(header(SIGNATURE_HEADER)?, timestamp).map_err(|_| invalid())?;
        let past = match self.flaw {
            Some(Flaw::StaleAccepted) => Duration::MAX,
            Some(Flaw::NarrowWindow) => Duration::from_mins(5),
            _ => Duration::from_hours(72),
        };
        let tolerance = Tolerance { past, future: Duration::from_mins(5) };
        let reserialised;
        let body = match serde_json::from_slice::<Value>(body) {
            Ok(value) if self.flaw == Some(Flaw::Reserialised) => {
                reserialised = value.to_string();
                reserialised.as_bytes()
            }
            _ => body,
        };
        let verifier = Verifier::new(self.secret.clone()).tolerance(tolerance);
        verifier.verify(&signed, body, SystemTime::now()).map(drop).map_err(|_| match self.flaw {
            Some(Flaw::SignatureTold) => format!("expected {}", self.secret.sign(timestamp, body)),
            _ => invalid(),
        })
    }

    fn verify(&self, data: &Value) -> Answer {
        match data["player_id"].as_str() {
            Some("2D2R-OP3C") if self.flaw == Some(Flaw::WrongShape) => ok(&json!({"status": "ok"})),
            Some(player @ "2D2R-OP3C") => {
                let gems = self.world.lock().unwrap().gems;
                let balances = json!([{"sku": "gems", "amount": gems}]);
                ok(&json!({"player_id": player, "name": "Ayla", "attributes": {}, "balances": balances}))
            }
            Some(_) => error(StatusCode::NOT_FOUND, "not_found", "no such player"),
            None => error(StatusCode::BAD_REQUEST, "validation_error", "`player_id` is missing"),
        }
    }

    async fn add_items(&self, event: &Value) -> Answer {
        let acknowledged = || ok(&json!({"status": "ok"}));
        let by = |field: &str| event[field].as_str().map(|id| format!("{field} {id}"));
        let key = match self.flaw {
            Some(Flaw::NoDedupe) => None,
            Some(Flaw::DedupedByEventId) => by("event_id"),
            _ => by("idempotency_key").or_else(|| by("event_id")),
        };
        let Some(items) = event["event_data"]["items"].as_array() else {
            if let (Some(Flaw::ErrorRemembered), Some(key)) = (self.flaw, key) {
                self.world.lock().unwrap().seen.insert(key);
            }
            let leaked = "Traceback (most recent call last): File \"/srv/game/app.py\", line 31: KeyError: 'items'";
            return match self.flaw {
                Some(Flaw::ErrorLeaked) => error(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", leaked),
                _ => error(StatusCode::BAD_REQUEST, "validation_error", "`items` is missing"),
            };
        };
        if self.flaw == Some(Flaw::CheckThenInsert) {
            if key.as_ref().is_some_and(|key| self.world.lock().unwrap().seen.contains(key)) {
                return acknowledged();
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        let mut world = self.world.lock().unwrap();
        let new = key.is_none_or(|key| world.seen.insert(key));
        if new || self.flaw == Some(Flaw::CheckThenInsert) {
            world.gems += i64::try_from(items.len()).unwrap_or_default();
            return acknowledged();
        }
        match self.flaw {
            Some(Flaw::DuplicateIsError) => error(StatusCode::CONFLICT, "duplicate", "already granted"),
            _ => acknowledged(),
        }
    }
}
