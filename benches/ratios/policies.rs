//! The cost of policies that have no effect on a request, and of an endpoint beyond its steps.

use std::time::SystemTime;

use aghanim_hooks::__private::rooms;
use aghanim_hooks::Webhooks;
use aghanim_hooks::events::PlayerVerify;
use aghanim_hooks::signature::{SIGNATURE_HEADER, Secret, SignedHeaders, TIMESTAMP_HEADER, Verifier};
use aghanim_hooks_benches::request::{Delivery, SECRET};
use aghanim_hooks_benches::{ours, samples};
use axum::body::Body;
use axum::extract::Request;
use axum::handler::Handler;
use axum::response::Response;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde_json::json;

use crate::measure::{Subject, measure};
use crate::now;

/// Measured on the smallest event, where the cost is most visible.
pub(crate) fn policies() {
    println!("281 B player.verify, with policies that don't come into play: ratios to the endpoint without");
    let delivery = Delivery::new(samples::player_verify());
    let verifier = Verifier::new(Secret::new(SECRET).expect("a secret"));
    let player = ours::player(serde_json::from_value(json!({ "player_id": "2D2R-OP3C" })).expect("a payload"));
    let written = serde_json::to_vec(&player).expect("a player");

    let endpoint = |name, hooks: Webhooks| {
        let call = move |request| now(Handler::<Webhooks, ()>::call(hooks.clone(), request, ()));
        Subject::new(name, || delivery.request(), call)
    };
    let mut subjects = vec![endpoint("the endpoint as it comes", ours::endpoint())];
    subjects.extend(ours::POLICIES.map(|(name, policy)| endpoint(name, policy(ours::endpoint()))));
    subjects.push(endpoint("all of them", ours::endpoint_with_policies()));
    let other = Secret::new("whsec_0b9e4d77a1c2f35e8d6c4f1a").expect("a secret");
    subjects.push(endpoint("a second secret, which costs a MAC", ours::endpoint().or_secret(other)));
    subjects.push(Subject::new(
        "the steps alone, one after the other",
        || delivery.request(),
        |request| steps(&verifier, request, || serde_json::to_vec(&player).expect("a player")),
    ));
    subjects.push(Subject::new(
        "… the answer is written already",
        || delivery.request(),
        |request| steps(&verifier, request, || written.clone()),
    ));
    measure(subjects);
}

/// The least that an endpoint must do: read, verify, find the type, parse, answer.
///
/// It finds no handler, has no time limit, and catches no panic.
fn steps(verifier: &Verifier, request: Request, answer: impl FnOnce() -> Vec<u8>) -> Response {
    let (parts, body) = request.into_parts();
    let body = now(axum::body::to_bytes(body, 1024 * 1024)).expect("a body");
    let header = |name| parts.headers.get(name).map_or(&b""[..], HeaderValue::as_bytes);
    let headers = SignedHeaders::parse(header(SIGNATURE_HEADER), header(TIMESTAMP_HEADER)).expect("well-formed");
    verifier.verify(&headers, &body, SystemTime::now()).expect("signed");
    assert_eq!(rooms::event_type(&body).as_deref(), Some("player.verify"));
    let json = std::str::from_utf8(&body).expect("JSON is UTF-8");
    std::hint::black_box(rooms::parse::<PlayerVerify>(json).expect("an event"));
    Response::builder()
        .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .body(Body::from(answer()))
        .expect("a response")
}
