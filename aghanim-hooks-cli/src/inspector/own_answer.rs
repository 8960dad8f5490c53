//! The inspector's own answers, where there is no receiver behind it: each event's own shape.

use aghanim_hooks::events::catalogue::{Refusal, find};
use aghanim_hooks::events::{FoundPlayers, Player, StoreItems};
use aghanim_hooks::testing::{RawAnswer, Sample as _};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

/// Answers as a receiver that knows every player and grants everything. `is_signed` is false for a signature that is not
/// valid.
pub(crate) fn answer(method: &Method, body: &[u8], is_signed: bool) -> RawAnswer {
    if method != Method::POST {
        return refusal(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "send a POST");
    }
    let envelope: Value = serde_json::from_slice(body).unwrap_or_default();
    let event = envelope.get("event_type").and_then(Value::as_str);
    let info = event.and_then(find);
    if !is_signed {
        // `player.lookup` and `player.update` are refused with HTTP 200.
        let in_body = info.is_some_and(|info| info.refusal == Refusal::InBody);
        let status = if in_body { StatusCode::OK } else { StatusCode::FORBIDDEN };
        return refusal(status, "invalid_signature", "Invalid signature");
    }
    if event.is_none() {
        return refusal(StatusCode::BAD_REQUEST, "validation_error", "the body is not an event");
    }
    let Some(info) = info else {
        return refusal(StatusCode::BAD_REQUEST, "unknown_event_type", "Unknown event type");
    };
    let data = &envelope["event_data"];
    let body = match info.reply {
        "Player" => player(data),
        "FoundPlayers" => found(data),
        "StoreItems" => json!(StoreItems::sample()),
        _ => json!({"status": "ok"}),
    };
    json_answer(StatusCode::OK, &body)
}

/// An error in the documented form.
pub(crate) fn refusal(status: StatusCode, code: &str, message: &str) -> RawAnswer {
    json_answer(status, &json!({"status": "error", "code": code, "message": message}))
}

fn json_answer(status: StatusCode, body: &Value) -> RawAnswer {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    RawAnswer::new(status, headers, body.to_string())
}

/// The sample player, under the id that was asked for.
fn player(data: &Value) -> Value {
    let mut player = json!(Player::sample());
    if let Some(id) = data.get("player_id").filter(|id| id.is_string()) {
        player["player_id"] = id.clone();
    }
    player
}

/// The sample player, with the identity fields that were asked for.
fn found(data: &Value) -> Value {
    let mut found = json!(FoundPlayers::sample());
    let asked = data.as_object().into_iter().flatten().filter(|(_, value)| value.is_string());
    for (name, value) in asked {
        found["data"][0]["player"][name] = value.clone();
    }
    found
}

#[cfg(test)]
mod tests {
    use aghanim_hooks::events::catalogue::CATALOGUE;
    use aghanim_hooks::testing::{Fit, sample_request};

    use super::*;

    #[test]
    fn every_event_is_answered_in_its_own_shape() {
        for event in CATALOGUE {
            let body = sample_request(event.name).unwrap().to_string();
            let yes = answer(&Method::POST, body.as_bytes(), true);
            assert_eq!(Fit::of(event.name, &yes), Fit::Accepted, "{}: {yes}", event.name);
            let no = answer(&Method::POST, body.as_bytes(), false);
            assert!(matches!(Fit::of(event.name, &no), Fit::Refused { .. }), "{}: {no}", event.name);
        }
    }

    #[test]
    fn the_player_is_the_one_that_was_asked_for() {
        let body = br#"{"event_type":"player.verify","event_data":{"player_id":"p7"}}"#;
        assert_eq!(answer(&Method::POST, body, true).json().unwrap()["player_id"], "p7");
        let body = br#"{"event_type":"player.lookup","event_data":{"account_id":"A1"}}"#;
        assert_eq!(answer(&Method::POST, body, true).json().unwrap()["data"][0]["player"]["account_id"], "A1");
    }

    #[test]
    fn what_is_no_known_event_is_refused() {
        let status = |method: &Method, body: &str, signed| answer(method, body.as_bytes(), signed).status.as_u16();
        assert_eq!(status(&Method::POST, "no", true), 400);
        assert_eq!(status(&Method::POST, "no", false), 403);
        assert_eq!(status(&Method::POST, r#"{"event_type":"guild.joined"}"#, true), 400);
        assert_eq!(status(&Method::GET, "", true), 405);
    }
}
