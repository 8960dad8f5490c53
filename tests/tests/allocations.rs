//! The allocations of a delivery, counted.
//!
//! "Ours" are the allocations that remain after two kinds that every handler has are subtracted: the payload's own strings
//! and lists, and those of an axum handler that only reads the body and answers as many bytes.

use aghanim_hooks::events::{ItemAdd, Order, Player, PlayerVerify};
use aghanim_hooks::{Secret, Webhooks, webhook, webhooks};
use allocation_counter::measure;
use axum::body::Body;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{SystemTime, UNIX_EPOCH};

const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";

#[webhook("player.verify")]
async fn verify(event: PlayerVerify) -> Player {
    Player::builder().player_id(event.player_id).name("Aria").build()
}

#[webhook("order.paid")]
async fn paid(_event: Order) {}

#[webhook("item.add")]
async fn grant(_event: ItemAdd) {}

/// An axum handler that only reads the body and answers.
async fn minimal(body: axum::body::Bytes) -> Response {
    let answer = if body.is_empty() { "" } else { r#"{"status":"ok"}"# };
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], answer).into_response()
}

fn endpoint() -> Webhooks {
    Webhooks::new(Secret::new(SECRET).unwrap(), webhooks![verify, paid, grant])
}

fn request(body: &str, signature: Option<&str>) -> Request {
    let timestamp = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().to_string();
    let signed = Secret::new(SECRET).unwrap().sign(timestamp.as_bytes(), body.as_bytes()).to_string();
    Request::post("/webhook")
        .header(CONTENT_TYPE, "application/json")
        .header("x-aghanim-signature", signature.unwrap_or(&signed))
        .header("x-aghanim-signature-timestamp", timestamp)
        .body(Body::from(body.to_owned()))
        .unwrap()
}

/// Counts the allocations of reading a payload.
type Count = fn(&str) -> u64;

/// Counts the allocations of a handler until its response.
fn allocations<H: Handler<T, ()>, T: 'static>(handler: H, request: Request, status: StatusCode) -> u64 {
    let mut response = None;
    let info = measure(|| {
        let mut future = pin!(handler.call(request, ()));
        let Poll::Ready(ready) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("nothing to wait for");
        };
        response = Some(ready);
    });
    assert_eq!(response.unwrap().status(), status);
    info.count_total
}

#[tokio::test]
async fn a_delivery_costs_at_most_four_allocations_of_ours() {
    let verify = r#"{"player_id":"2D2R-OP3C"}"#;
    let item = r#"{"id":"itm_1","sku":"gems","name":"Gems","quantity":2,"price":499,"currency":"USD","type":"item"}"#;
    let items = vec![item; 20].join(",");
    let order = format!(
        r#"{{"id":"ord_1","amount":998,"currency":"USD","items":[{items}],"created_at":1725548401,"player_id":"2D2R"}}"#
    );
    let grant = format!(r#"{{"player_id":"2D2R","items":[{items}],"reason":"Order paid"}}"#);
    let payloads: [(&str, &str, Count); 3] = [
        ("player.verify", verify, |data| {
            measure(|| drop(serde_json::from_str::<PlayerVerify>(data).unwrap())).count_total
        }),
        ("order.paid", &order, |data| measure(|| drop(serde_json::from_str::<Order>(data).unwrap())).count_total),
        ("item.add", &grant, |data| measure(|| drop(serde_json::from_str::<ItemAdd>(data).unwrap())).count_total),
    ];
    for (event_type, data, payload) in payloads {
        let body =
            format!(r#"{{"event_type":"{event_type}","event_data":{data},"event_id":"whevt_1","context":null}}"#);
        let hooks = endpoint();
        let whole = allocations(hooks.clone(), request(&body, None), StatusCode::OK);
        // The game allocates the player's name.
        let game = u64::from(event_type == "player.verify");
        let axum = allocations(minimal, request(&body, None), StatusCode::OK);
        let ours = i128::from(whole) - i128::from(payload(data) + game + axum);
        println!(
            "{event_type}: {whole} allocations, {} for the payload, {axum} for axum, {ours} of ours",
            payload(data)
        );
        assert!(ours <= 4, "{event_type}: {ours} allocations of ours");
    }
}

/// An axum handler that refuses everybody without reading the body.
async fn refuse_all() -> Response {
    let headers = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    (StatusCode::FORBIDDEN, headers, r#"{"status":"error"}"#).into_response()
}

#[tokio::test]
async fn an_unsigned_request_costs_what_the_smallest_axum_handler_costs() {
    let body = "x".repeat(1000);
    let hooks = endpoint();
    for signature in ["", "not a signature", &"0".repeat(64)] {
        let ours = allocations(hooks.clone(), request(&body, Some(signature)), StatusCode::FORBIDDEN);
        let axum = allocations(refuse_all, request(&body, Some(signature)), StatusCode::FORBIDDEN);
        assert_eq!(ours, axum, "{signature:?}");
    }
}
