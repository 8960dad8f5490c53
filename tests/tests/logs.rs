//! The contents of the log, and the texts that must never be in it.

use std::io;

use aghanim_hooks::events::PlayerVerify;
use aghanim_hooks::{Rejection, Secret, Webhooks, webhook, webhooks};
use aghanim_hooks_tests::{Log, Request, Server, signed};
use axum::{Router, routing::post};

const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";

#[derive(Debug)]
struct Outer(io::Error);

impl std::fmt::Display for Outer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the player could not be loaded")
    }
}

impl std::error::Error for Outer {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[webhook("player.verify")]
async fn verify(event: PlayerVerify) -> Result<aghanim_hooks::events::Player, Rejection> {
    Err(Rejection::internal(Outer(io::Error::other(format!("no row for {}", event.player_id)))))
}

#[tokio::test]
async fn the_cause_is_there_the_secret_is_not_and_nobody_forges_a_line() {
    // The test's runtime has one thread, so this counts for the server too.
    let (log, _listening) = Log::listen();

    let secret = Secret::new(SECRET).unwrap();
    let router = Router::new().route("/webhook", post(Webhooks::new(secret.clone(), webhooks![verify])));
    let server = Server::start(router).await.unwrap();
    let body = |player: &str| format!(r#"{{"event_type":"player.verify","event_data":{{"player_id":"{player}"}}}}"#);

    let failed = signed(&secret, body(r"x\n2026-01-01T00:00:00Z  INFO forged")).send(server.address()).await.unwrap();
    assert_eq!(failed.status, 500);
    assert!(!String::from_utf8(failed.body).unwrap().contains("row"));
    let text = log.text();
    assert!(text.contains("the player could not be loaded: no row for x"), "{text}");
    assert!(text.lines().all(|line| !line.starts_with("2026-01-01")), "{text}");

    let unsigned = Request::post(body("p")).header("Content-Type", "application/json");
    assert_eq!(unsigned.send(server.address()).await.unwrap().status, 403);
    let text = log.text();
    assert!(text.contains("`x-aghanim-signature` is missing"), "{text}");
    assert!(!text.contains(SECRET), "{text}");
}
