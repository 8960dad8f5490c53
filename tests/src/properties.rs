//! Properties that hold for any bytes. Tests try them on mutated samples, and `fuzz/` with libFuzzer.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aghanim_hooks::events::{AnyEvent, Player, PlayerVerify};
use aghanim_hooks::idempotency::MemoryStore;
use aghanim_hooks::signature::{Secret, Signature, SignedHeaders, Tolerance, Verifier};
use aghanim_hooks::{Event, RawEvent, Rejection, Webhooks, webhook, webhooks};
use aghanim_hooks_batch::{Batch, Report};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";

/// A property, which panics if it does not hold.
pub type Property = fn(&[u8]);

/// All properties, by name.
pub const ALL: [(&str, Property); 6] = [
    ("headers", headers),
    ("verification", verification),
    ("events", events),
    ("batch", batch),
    ("answers", answers),
    ("requests", requests),
];

/// Headers that are accepted are written as they were read. The first 64 bytes are the signature, the rest the timestamp.
///
/// # Panics
/// Panics if the property does not hold.
pub fn headers(data: &[u8]) {
    let (signature, timestamp) = data.split_at(data.len().min(64));
    let parsed = Signature::parse(signature);
    assert_eq!(parsed.is_ok(), signature.len() == 64 && signature.iter().all(u8::is_ascii_hexdigit));
    let Ok(headers) = SignedHeaders::parse(signature, timestamp) else { return };
    assert_eq!(headers.timestamp(), timestamp);
    assert_eq!(headers.signature().to_string().as_bytes(), signature.to_ascii_lowercase());
    let text = std::str::from_utf8(timestamp).expect("digits");
    assert_eq!(text.parse(), Ok(headers.seconds()));
    // Nothing here knows the secret.
    assert!(Verifier::new(secret()).verify(&headers, data, SystemTime::now()).is_err());
}

/// A signature is accepted for exactly the bytes that it signs, and for no others.
///
/// # Panics
/// Panics if the property does not hold.
pub fn verification(data: &[u8]) {
    let Some((&change, rest)) = data.split_first() else { return };
    let (key, body) = rest.split_at(rest.len().min(40));
    let Ok(secret) = Secret::new(key) else { return };
    let open = Tolerance { past: Duration::MAX, future: Duration::MAX };
    let timestamp = u64::from(change).to_string();
    let signature = secret.sign(timestamp.as_bytes(), body).to_string();
    let headers = SignedHeaders::parse(signature.as_bytes(), timestamp.as_bytes()).expect("our own headers");
    let verifier = Verifier::new(secret).tolerance(open);
    assert!(verifier.verify(&headers, body, UNIX_EPOCH).is_ok());
    let mut other = body.to_vec();
    match other.get_mut(usize::from(change) % body.len().max(1)) {
        Some(byte) => *byte ^= 1 << (change % 8),
        None => other.push(change),
    }
    assert!(verifier.verify(&headers, &other, UNIX_EPOCH).is_err());
}

/// An event that is read is written, and reads as the same event. The typed and the raw reader agree about the envelope.
///
/// # Panics
/// Panics if the property does not hold.
pub fn events(data: &[u8]) {
    let Ok(event) = AnyEvent::from_slice(data) else { return };
    let raw = Event::<RawEvent>::from_slice(data).expect("what has a payload has an envelope");
    assert_eq!(event.event_type(), raw.event_type);
    assert!(raw.data.get().starts_with('{'));
    let written = event.to_json().expect("an event is JSON");
    let again = AnyEvent::from_slice(written.as_bytes()).unwrap_or_else(|error| panic!("{error}: {written}"));
    assert_eq!(again.to_json().expect("an event is JSON"), written);
    // Two parsers of one body must agree. A tree refuses more, because it also reads members that the library skips.
    // Lone surrogates and numbers beyond all floats are valid in JSON's grammar, but not in a tree.
    if let Ok(tree) = serde_json::from_slice::<Value>(data) {
        assert_eq!(tree["event_type"], event.event_type());
    }
}

/// Any file of a batch is read to its end, or to an error that says why not. Each of its events has one outcome.
///
/// # Panics
/// Panics if the property does not hold.
pub fn batch(data: &[u8]) {
    let Receiver { runtime, hooks, .. } = &*RECEIVER;
    let batch = Batch::new(hooks, ()).expect("the endpoint is right");
    let read = runtime.block_on(batch.run(data));
    let report = read.as_ref().unwrap_or_else(|error| error.report());
    let Report { events, answered, replayed, ignored, failed, .. } = report;
    assert_eq!(*events, answered + replayed + ignored + failed, "{report}");
    assert!(report.failures.len() as u64 <= *failed, "{report}");
}

/// Any text of a handler arrives unchanged in its answer.
///
/// # Panics
/// Panics if the property does not hold.
pub fn answers(data: &[u8]) {
    let text = String::from_utf8_lossy(data).into_owned();
    let body = json!({"event_type": "player.verify", "event_data": {"player_id": text}}).to_string();
    let (status, answer) = deliver(signed(body.into_bytes()));
    let answer: Value = serde_json::from_slice(&answer).expect("an answer is JSON");
    if text.len().is_multiple_of(2) {
        assert_eq!((status, answer), (200, json!({"player_id": text, "name": text, "attributes": {}})));
    } else {
        assert_eq!((status, answer), (400, json!({"status": "error", "code": "odd", "message": text})));
    }
}

/// Any request gets an answer of the documented form, and never a 5xx: no body makes the receiver fail.
///
/// # Panics
/// Panics if the property does not hold.
pub fn requests(data: &[u8]) {
    let Some((&kind, body)) = data.split_first() else { return };
    let mut request = signed(body.to_vec());
    let headers = request.headers_mut();
    if kind & 1 == 1 {
        headers.insert("x-aghanim-signature", "0".repeat(64).parse().expect("a header"));
    }
    if kind & 2 == 2 {
        headers.remove("content-type");
    }
    if kind & 4 == 4
        && let Ok(value) = body[..body.len().min(20)].try_into()
    {
        headers.append("x-aghanim-signature-timestamp", value);
    }
    let (status, answer) = deliver(request);
    assert!(matches!(status, 200 | 400 | 403 | 415), "{status}");
    assert!(answer.len() < 16 * 1024 + 8 * body.len(), "an answer of {} bytes to {}", answer.len(), body.len());
    let answer: Value = serde_json::from_slice(&answer).expect("an answer is JSON");
    if kind & 5 != 0 {
        let code = if status == 403 { "invalid_signature" } else { answer["code"].as_str().unwrap_or_default() };
        assert!(kind & 1 == 0 || code == "invalid_signature", "{answer}");
    }
    if status != 200 {
        assert_eq!(answer["status"], "error");
    }
}

fn secret() -> Secret {
    Secret::new(SECRET).expect("it is long enough")
}

fn signed(body: Vec<u8>) -> Request<Body> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs().to_string();
    Request::post("/webhook")
        .header("content-type", "application/json")
        .header("x-aghanim-signature", secret().sign(now.as_bytes(), &body).to_string())
        .header("x-aghanim-signature-timestamp", now)
        .body(Body::from(body))
        .expect("a request")
}

#[webhook("player.verify")]
async fn verify(event: PlayerVerify) -> Result<Player, Rejection> {
    if !event.player_id.len().is_multiple_of(2) {
        return Err(Rejection::deny("odd", event.player_id));
    }
    Ok(Player::builder().player_id(event.player_id.clone()).name(event.player_id).build())
}

#[webhook("*")]
async fn any(event: AnyEvent) {
    drop(event);
}

/// An endpoint, on its own and on a route.
struct Receiver {
    runtime: Runtime,
    hooks: Webhooks,
    router: Router,
}

static RECEIVER: LazyLock<Receiver> = LazyLock::new(|| {
    let hooks = Webhooks::new(secret(), webhooks![verify, any]).idempotency(MemoryStore::new());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let router = Router::new().route("/webhook", post(hooks.clone()));
    Receiver { runtime, hooks, router }
});

fn deliver(request: Request<Body>) -> (u16, Vec<u8>) {
    let Receiver { runtime, router, .. } = &*RECEIVER;
    runtime.block_on(async {
        let response = router.clone().oneshot(request).await.expect("a router does not fail");
        let status = response.status().as_u16();
        (status, to_bytes(response.into_body(), usize::MAX).await.expect("a body in memory").to_vec())
    })
}
