//! The same answers and rejections, in the shape of whichever event they answer.

use std::io;
use std::time::Duration;

use aghanim_hooks::Rejection;
use aghanim_hooks::events::catalogue::CATALOGUE;
use aghanim_hooks_tests::fixtures::{self, Kind};
use serde_json::json;

use crate::backend::{Backend, Game};

/// Aghanim's documentation, not the catalogue's.
const REFUSED_IN_BODY: [&str; 2] = ["player.lookup", "player.update"];

#[tokio::test]
async fn every_event_is_answered_by_what_it_asks_for() {
    let backend = Backend::new(Game::default()).await;
    for event in CATALOGUE {
        let answer = backend.send(fixtures::envelope(event.name, Kind::Full).to_string()).await;
        let expected = match event.name {
            "player.verify" => json!({"player_id": "2D2R-OP3C", "name": "Ayla", "attributes": {"level": 12}}),
            "player.lookup" => json!({"status": "ok", "data": [{"name": "Ayla", "player": {"account_id": "A-20871"}}]}),
            "player.is_idle" => json!({"is_idle": true}),
            "store.get" => json!({"items": [{"sku": "gems_100"}]}),
            _ => json!({"status": "ok"}),
        };
        assert_eq!((answer.status, answer.json()), (200, expected), "{}", event.name);
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
}

/// Has every event refused, and checks the status where it is the status that refuses.
async fn every_event_refused(with: fn() -> Rejection, status: u16, code: &str, message: &str) {
    let backend = Backend::new(Game::refusing(with)).await;
    let is_final = (400..500).contains(&status);
    for event in CATALOGUE {
        let answer = backend.send(fixtures::envelope(event.name, Kind::Minimal).to_string()).await;
        let status = if is_final && REFUSED_IN_BODY.contains(&event.name) { 200 } else { status };
        let mut body = answer.json();
        if status == 500 {
            // The id under which the log has the cause.
            let (sent, id) = body["message"].as_str().and_then(|sent| sent.split_once(" (")).expect("an id");
            assert_eq!(id.trim_end_matches(')').len(), 16, "{}: {id}", event.name);
            body["message"] = json!(sent);
        }
        let expected = json!({"status": "error", "code": code, "message": message});
        assert_eq!((answer.status, body), (status, expected), "{}", event.name);
        assert_eq!(backend.game.seen().len(), 1, "{}: it was the handler that refused", event.name);
        let retry_after = answer.header("retry-after");
        assert_eq!(retry_after, (status == 503).then_some("7"), "{}", event.name);
    }
}

#[tokio::test]
async fn not_found() {
    every_event_refused(|| Rejection::deny("not_found", "no such player"), 404, "not_found", "no such player").await;
}

#[tokio::test]
async fn declined() {
    every_event_refused(|| Rejection::declined("sold out"), 400, "declined", "sold out").await;
}

#[tokio::test]
async fn banned() {
    every_event_refused(|| Rejection::deny("banned", "no").with_status(403), 403, "banned", "no").await;
}

#[tokio::test]
async fn a_failure_is_a_5xx_for_every_event_and_says_nothing() {
    let failure = || Rejection::from(io::Error::other("the password is hunter2"));
    every_event_refused(failure, 500, "internal_error", "Internal error").await;
}

#[tokio::test]
async fn not_now() {
    let later = || Rejection::unavailable(Duration::from_millis(6500));
    every_event_refused(later, 503, "unavailable", "Try again later").await;
}
