//! From a request on a real socket to an answer: what reaches a handler, and what every other request is told.

use aghanim_hooks::events::{ItemAdd, Player, PlayerVerify};
use aghanim_hooks::signature::Tolerance;
use aghanim_hooks::{Event, Rejection, Secret, UnknownEvents, Webhooks, webhook, webhooks};
use aghanim_hooks_tests::{Request, Response, Server, signed};
use axum::Router;
use axum::extract::State;
use axum::routing::{any, post};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";
/// The smallest request of Aghanim's documentation.
const MINIMAL: &str = r#"{"event_id":"whevt_eAVOxNfzrkc","event_type":"player.verify","idempotency_key":null,"event_data":{"player_id":"2D2R-OP3C"},"context":null}"#;
const FORBIDDEN: &[u8] = br#"{"status":"error","code":"invalid_signature","message":"Invalid signature"}"#;

/// Counts the requests that reached a handler.
#[derive(Clone, Default)]
struct Seen(Arc<AtomicUsize>);

#[webhook("player.verify")]
async fn verify(State(seen): State<Seen>, event: Event<PlayerVerify>) -> Result<Player, Rejection> {
    seen.0.fetch_add(1, Ordering::Relaxed);
    match event.data.player_id.as_str() {
        "2D2R-OP3C" => Ok(Player::builder().player_id(event.data.player_id).name("Beetle").build()),
        _ => Err(Rejection::deny("not_found", "no such player")),
    }
}

#[webhook("item.add")]
async fn grant(State(seen): State<Seen>, event: ItemAdd) -> Result<(), Rejection> {
    seen.0.fetch_add(1, Ordering::Relaxed);
    if event.items.is_empty() {
        return Err(Rejection::internal("connection to db.internal:5432 refused"));
    }
    Ok(())
}

fn secret() -> Secret {
    Secret::new(SECRET).unwrap()
}

struct Endpoint {
    server: Server,
    seen: Seen,
}

impl Endpoint {
    async fn start() -> Self {
        Self::with(|hooks| hooks).await
    }

    async fn with(configure: impl FnOnce(Webhooks<Seen>) -> Webhooks<Seen>) -> Self {
        let seen = Seen::default();
        let hooks = configure(Webhooks::new(secret(), webhooks![verify, grant]));
        let router =
            Router::new().route("/webhook", post(hooks.clone())).route("/any", any(hooks)).with_state(seen.clone());
        Self { server: Server::start(router).await.unwrap(), seen }
    }

    async fn send(&self, request: &Request) -> Response {
        request.send(self.server.address()).await.unwrap()
    }

    /// Sends what no handler must see.
    async fn refused(&self, request: &Request) -> Response {
        let before = self.seen.0.load(Ordering::Relaxed);
        let response = self.send(request).await;
        assert_eq!(self.seen.0.load(Ordering::Relaxed), before, "a handler ran: {response:?}");
        response
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Signed with this timestamp, whatever it says.
fn signed_at(timestamp: &str, body: &str) -> Request {
    let signature = secret().sign(timestamp.as_bytes(), body.as_bytes()).to_string();
    signed(&secret(), body)
        .replace("X-Aghanim-Signature", signature)
        .replace("X-Aghanim-Signature-Timestamp", timestamp)
}

#[tokio::test]
async fn the_smallest_documented_request_is_answered() {
    let endpoint = Endpoint::start().await;
    let response = endpoint.send(&signed(&secret(), MINIMAL)).await;
    assert_eq!(response.status, 200);
    assert_eq!(response.header("content-type"), Some("application/json"));
    assert_eq!(response.json(), json!({ "player_id": "2D2R-OP3C", "name": "Beetle", "attributes": {} }));
}

#[tokio::test]
async fn an_event_that_asks_for_nothing_is_acknowledged() {
    let endpoint = Endpoint::start().await;
    let body = r#"{"event_type":"item.add","event_data":{"player_id":"p","items":[{"id":"i","sku":"s","name":"n","quantity":1}]}}"#;
    let response = endpoint.send(&signed(&secret(), body)).await;
    assert_eq!((response.status, response.body.as_slice()), (200, &br#"{"status":"ok"}"#[..]));
}

#[tokio::test]
async fn a_refusal_has_its_status_its_code_and_its_message() {
    let endpoint = Endpoint::start().await;
    let response = endpoint.send(&signed(&secret(), MINIMAL.replace("2D2R-OP3C", "nobody"))).await;
    assert_eq!(response.status, 404);
    assert_eq!(response.json(), json!({ "status": "error", "code": "not_found", "message": "no such player" }));
}

#[tokio::test]
async fn a_failure_is_a_5xx_with_nothing_but_an_id() {
    let endpoint = Endpoint::start().await;
    let body = r#"{"event_type":"item.add","event_data":{"player_id":"p","items":[]}}"#;
    let response = endpoint.send(&signed(&secret(), body)).await;
    assert_eq!(response.status, 500);
    let answer = response.json();
    assert_eq!((&answer["status"], &answer["code"]), (&json!("error"), &json!("internal_error")));
    let message = answer["message"].as_str().unwrap();
    let id = message.strip_prefix("Internal error (").and_then(|id| id.strip_suffix(')')).unwrap();
    assert!(id.len() == 16 && id.bytes().all(|digit| digit.is_ascii_hexdigit()), "{message}");
}

/// The fixture says which program signed it, and how.
#[tokio::test]
async fn what_another_program_signed_verifies() {
    let fixtures: serde_json::Value = serde_json::from_str(include_str!("../fixtures/signatures/signed.json")).unwrap();
    let fixtures = fixtures["signed"].as_array().unwrap();
    assert!(fixtures.len() >= 4);
    for fixture in fixtures {
        let text = |key: &str| fixture[key].as_str().unwrap();
        let open = Tolerance { past: Duration::MAX, future: Duration::MAX };
        let server = Server::start(Router::new().route(
            "/webhook",
            post(Webhooks::new(Secret::new(text("secret")).unwrap(), webhooks![anything]).tolerance(open)),
        ));
        let request = Request::post(text("body"))
            .header("Content-Type", "application/json")
            .header("X-Aghanim-Signature", text("signature"))
            .header("X-Aghanim-Signature-Timestamp", text("timestamp"));
        let response = request.send(server.await.unwrap().address()).await.unwrap();
        assert_eq!(response.status, 200, "signed by {}: {response:?}", text("by"));
    }
}

#[webhook("*")]
async fn anything(_event: aghanim_hooks::RawEvent) {}

#[tokio::test]
async fn every_failure_to_authenticate_is_answered_alike() {
    let endpoint = Endpoint::start().await;
    let good = signed(&secret(), MINIMAL);
    let signature = secret().sign(now().to_string().as_bytes(), MINIMAL.as_bytes()).to_string();
    let flipped = MINIMAL.replacen('2', "3", 1);
    let other = Secret::new("whsec_another_secret").unwrap();
    let refused = [
        ("another secret", signed(&other, MINIMAL)),
        ("no signature", good.clone().without("X-Aghanim-Signature")),
        ("no timestamp", good.clone().without("X-Aghanim-Signature-Timestamp")),
        ("no header at all", Request::post(MINIMAL)),
        ("two signatures", good.clone().header("X-Aghanim-Signature", &signature)),
        ("two timestamps", good.clone().header("X-Aghanim-Signature-Timestamp", now().to_string())),
        ("a body with one byte flipped", good.clone().wire_body(&flipped)),
        ("a truncated signature", good.clone().replace("X-Aghanim-Signature", &signature[..63])),
        ("a signature with a prefix", good.clone().replace("X-Aghanim-Signature", format!("0x{signature}"))),
        ("an empty signature", good.clone().replace("X-Aghanim-Signature", "")),
        ("a signature that is no ASCII", good.clone().replace("X-Aghanim-Signature", [0xff; 64])),
        ("a signature of another length in UTF-8", good.clone().replace("X-Aghanim-Signature", "é".repeat(32))),
        ("a timestamp that is no ASCII", good.clone().replace("X-Aghanim-Signature-Timestamp", [0xb2, 0xb3])),
        ("a timestamp with a sign", signed_at(&format!("+{}", now()), MINIMAL)),
        ("a timestamp with a space", signed_at(&format!("{} 0", now()), MINIMAL)),
        ("a timestamp of 21 digits", signed_at(&format!("{:021}", now()), MINIMAL)),
        ("a timestamp over 64 bits", signed_at("18446744073709551616", MINIMAL)),
        ("a stale timestamp", signed_at(&(now() - 72 * 3600 - 60).to_string(), MINIMAL)),
        ("a future timestamp", signed_at(&(now() + 360).to_string(), MINIMAL)),
        ("a wrong secret and a wrong type", signed(&other, MINIMAL).replace("Content-Type", "text/plain")),
        ("a wrong secret and no JSON", signed(&other, "{")),
        ("a wrong secret and an unknown event", signed(&other, MINIMAL.replace("player.verify", "x.y"))),
        ("no headers and a body over the limit", Request::post(vec![b' '; 2 << 20])),
    ];
    let first = endpoint.refused(&refused[0].1).await;
    assert_eq!((first.status, first.body.as_slice()), (403, FORBIDDEN));
    for (what, request) in &refused {
        assert_eq!(endpoint.refused(request).await, first, "{what}");
    }
    // The same request is accepted as soon as nothing is wrong with it, so it was what the table says.
    assert_eq!(endpoint.send(&good).await.status, 200);
}

#[tokio::test]
async fn what_looks_odd_but_is_signed_is_accepted() {
    let endpoint = Endpoint::start().await;
    let timestamp = now().to_string();
    let upper = secret().sign(timestamp.as_bytes(), MINIMAL.as_bytes()).to_string().to_ascii_uppercase();
    let accepted = [
        ("upper-case hex", signed_at(&timestamp, MINIMAL).replace("X-Aghanim-Signature", upper)),
        ("a timestamp with leading zeros", signed_at(&format!("00{timestamp}"), MINIMAL)),
        ("a retry signed 71 hours ago", signed_at(&(now() - 71 * 3600).to_string(), MINIMAL)),
        ("a clock four minutes ahead", signed_at(&(now() + 240).to_string(), MINIMAL)),
        (
            "a content type with parameters",
            signed(&secret(), MINIMAL).replace("Content-Type", "application/JSON ; charset=utf-8"),
        ),
        ("a chunked body", signed(&secret(), MINIMAL).chunked(7)),
        ("white space around the body", signed(&secret(), format!(" \r\n{MINIMAL}\n"))),
    ];
    for (what, request) in &accepted {
        assert_eq!(endpoint.send(request).await.status, 200, "{what}");
    }
}

#[tokio::test]
async fn two_secrets_are_active_while_one_replaces_the_other() {
    let new = Secret::new("whsec_90d1b3c55e7fa284").unwrap();
    let endpoint = Endpoint::with(|hooks| hooks.or_secret(new.clone())).await;
    assert_eq!(endpoint.send(&signed(&secret(), MINIMAL)).await.status, 200);
    assert_eq!(endpoint.send(&signed(&new, MINIMAL)).await.status, 200);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_it_is_hashed() {
    let limit = MINIMAL.len();
    let endpoint = Endpoint::with(|hooks| hooks.body_limit(limit)).await;
    let exact = signed(&secret(), MINIMAL);
    let over = signed(&secret(), format!("{MINIMAL} "));
    assert_eq!(endpoint.send(&exact).await.status, 200);
    assert_eq!(endpoint.send(&exact.clone().chunked(50)).await.status, 200);
    for (what, request) in [
        ("announced", over.clone()),
        ("chunked", over.clone().chunked(50)),
        ("chunked in one piece", over.chunked(10_000)),
        // It never comes: the length alone is refused.
        ("announced as a terabyte", exact.replace("Content-Length", (1_u64 << 40).to_string()).wire_body("")),
    ] {
        let response = endpoint.refused(&request).await;
        assert_eq!(response.status, 413, "{what}: {response:?}");
        assert_eq!(response.json()["code"], "payload_too_large");
    }
}

#[tokio::test]
async fn the_default_limit_is_a_mebibyte() {
    let endpoint = Endpoint::start().await;
    let padded = |length: usize| MINIMAL.to_owned() + &" ".repeat(length - MINIMAL.len());
    assert_eq!(endpoint.send(&signed(&secret(), padded(1 << 20))).await.status, 200);
    assert_eq!(endpoint.refused(&signed(&secret(), padded((1 << 20) + 1))).await.status, 413);
}

#[tokio::test]
async fn only_json_is_taken() {
    let endpoint = Endpoint::start().await;
    let good = signed(&secret(), MINIMAL);
    for content_type in ["text/plain", "application/json5", "application/x-www-form-urlencoded", ""] {
        let response = endpoint.refused(&good.clone().replace("Content-Type", content_type)).await;
        assert_eq!(response.status, 415, "{content_type:?}");
    }
    assert_eq!(endpoint.refused(&good.without("Content-Type")).await.status, 415);
}

#[tokio::test]
async fn malformed_bodies_are_named() {
    let endpoint = Endpoint::start().await;
    let item = |quantity: &str| {
        format!(
            r#"{{"event_type":"item.add","event_data":{{"player_id":"p","items":[{{"id":"i","sku":"s","name":"n","quantity":{quantity}}}]}}}}"#
        )
    };
    let cases = [
        (b"".to_vec(), "EOF while parsing"),
        (b"null".to_vec(), "invalid type: null"),
        (b"[]".to_vec(), "invalid"),
        (MINIMAL.as_bytes()[..40].to_vec(), "EOF while parsing"),
        ([MINIMAL.as_bytes(), b"}"].concat(), "trailing characters"),
        (b"{\"event_type\":\"player.verify\",\"event_data\":{\"player_id\":\"\xff\"}}".to_vec(), "utf-8"),
        (br#"{"event_type":"player.verify"}"#.to_vec(), "missing field `event_data`"),
        (br#"{"event_type":"player.verify","event_data":null}"#.to_vec(), "`event_data`"),
        (br#"{"event_type":"player.verify","event_data":{}}"#.to_vec(), "missing field `player_id`"),
        (br#"{"event_data":{}}"#.to_vec(), "missing field `event_type`"),
        (br#"{"event_type":7,"event_data":{}}"#.to_vec(), "`event_type`: invalid type: integer `7`"),
        (item("\"two\"").into_bytes(), "`event_data.items[0].quantity`: invalid type: string \"two\""),
        (item("1.5").into_bytes(), "`event_data.items[0].quantity`"),
        (item("99999999999999999999").into_bytes(), "`event_data.items[0].quantity`"),
        (format!(r#"{{"event_type":"player.verify","event_data":{}"#, "[".repeat(500_000)).into_bytes(), "event_data"),
    ];
    for (body, reason) in cases {
        let response = endpoint.refused(&signed(&secret(), &body)).await;
        let shown = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
        assert_eq!(response.status, 400, "{shown}");
        let answer = response.json();
        assert_eq!((&answer["status"], &answer["code"]), (&json!("error"), &json!("validation_error")), "{shown}");
        let message = answer["message"].as_str().unwrap();
        assert!(message.contains(reason), "{shown}: {message}");
    }
}

#[tokio::test]
async fn an_answer_repeats_little_of_what_was_sent() {
    let endpoint = Endpoint::start().await;
    let long = "ü".repeat(400_000);
    for body in [
        format!(r#"{{"event_type":"item.add","event_data":"{long}"}}"#),
        format!(r#"{{"event_type":"{long}","event_data":{{}}}}"#),
    ] {
        let response = endpoint.refused(&signed(&secret(), body)).await;
        assert_eq!(response.status, 400);
        assert!(response.body.len() < 1000, "{} bytes", response.body.len());
    }
}

#[tokio::test]
async fn what_is_cut_off_is_no_unknown_event() {
    let accepting = Endpoint::with(|hooks| hooks.unknown_events(UnknownEvents::Accept)).await;
    for body in [
        r#"{"event_type":"a.b","event_data":{"#,
        r#"{"event_type":"a.b","event_type":"item.add","event_data":{}}"#,
        r#"{"event_type":"a.b"}"#,
        r#"{"event_type":"a.b","event_data":{}} and more"#,
    ] {
        let response = accepting.refused(&signed(&secret(), body)).await;
        assert_eq!((response.status, &response.json()["code"]), (400, &json!("validation_error")), "{body}");
    }
}

#[tokio::test]
async fn an_unknown_event_is_refused_or_accepted_by_choice() {
    let unknown = signed(&secret(), MINIMAL.replace("player.verify", "player.verify.v2"));
    let response = Endpoint::start().await.refused(&unknown).await;
    assert_eq!((response.status, &response.json()["code"]), (400, &json!("unknown_event_type")));
    assert!(response.json()["message"].as_str().unwrap().starts_with("Unknown event type"));

    let accepting = Endpoint::with(|hooks| hooks.unknown_events(UnknownEvents::Accept)).await;
    let response = accepting.refused(&unknown).await;
    assert_eq!((response.status, response.body.as_slice()), (202, &br#"{"status":"ok"}"#[..]));
}

#[tokio::test]
async fn get_is_for_those_who_mount_it() {
    let endpoint = Endpoint::start().await;
    let get = signed(&secret(), MINIMAL).method("GET");
    assert_eq!(endpoint.refused(&get).await.status, 405);
    assert_eq!(endpoint.send(&get.path("/any")).await.status, 200);
}

#[tokio::test]
async fn a_body_that_breaks_off_reaches_nobody() {
    let endpoint = Endpoint::start().await;
    let good = signed(&secret(), MINIMAL);
    for (what, request) in [
        ("half a body, and no more to come", good.clone().wire_body(&MINIMAL[..20]).close_after()),
        ("chunks that are none", good.clone().chunked(50).wire_body("zz\r\nnot a chunk\r\n")),
    ] {
        let response = endpoint.refused(&request).await;
        let message = &response.json()["message"];
        assert_eq!((response.status, message), (400, &json!("The body could not be read to its end")), "{what}");
    }
    assert_eq!(endpoint.send(&good).await.status, 200);
    assert_eq!(endpoint.seen.0.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let endpoint = Endpoint::with(|hooks| hooks.timeout(Duration::from_millis(100))).await;
    let good = signed(&secret(), MINIMAL);
    for (what, request) in [
        ("none of it", good.clone().wire_body("")),
        ("half of it", good.clone().wire_body(&MINIMAL[..20])),
        ("one chunk", good.clone().chunked(50).wire_body("2\r\n{}\r\n")),
    ] {
        let response = endpoint.refused(&request).await;
        assert_eq!((response.status, &response.json()["code"]), (408, &json!("request_timeout")), "{what}");
    }
    assert_eq!(endpoint.send(&good).await.status, 200);
}
