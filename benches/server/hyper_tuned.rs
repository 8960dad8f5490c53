//! Without a framework, and with all that helps: one pass over borrowed text, only the fields that are used, answers
//! that are ready.

use std::borrow::Cow;
use std::convert::Infallible;

use aghanim_hooks_benches::hand_written::Game;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

pub(crate) async fn serve(listener: TcpListener) -> std::io::Result<()> {
    let game = Game::new();
    loop {
        let (stream, _) = listener.accept().await?;
        let game = game.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| handle(game.clone(), request));
            // A client that hangs up is no failure of the server's.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn handle(game: Game, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let answer = match body.collect().await {
        Ok(body) => answer(&game, &parts.headers, &body.to_bytes()),
        Err(_) => (StatusCode::BAD_REQUEST, Bytes::new()),
    };
    let (status, body) = answer;
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// With the type in front of the data, serde reads both in one pass.
#[derive(Deserialize)]
#[serde(tag = "event_type", content = "event_data")]
enum Event<'a> {
    #[serde(rename = "player.verify", borrow)]
    Verify(PlayerVerify<'a>),
    #[serde(rename = "order.paid", borrow)]
    Paid(Order<'a>),
    #[serde(rename = "item.add", borrow)]
    Grant(ItemAdd<'a>),
}

#[derive(Deserialize)]
struct PlayerVerify<'a> {
    #[serde(borrow)]
    player_id: Cow<'a, str>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read, and not looked at")]
struct Order<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    amount: i64,
    #[serde(borrow)]
    currency: Cow<'a, str>,
    #[serde(borrow)]
    items: Vec<Item<'a>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read, and not looked at")]
struct ItemAdd<'a> {
    #[serde(borrow)]
    player_id: Cow<'a, str>,
    #[serde(borrow)]
    items: Vec<Item<'a>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read, and not looked at")]
struct Item<'a> {
    #[serde(borrow)]
    sku: Cow<'a, str>,
    quantity: i64,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the field's name on the wire")]
struct Player<'a> {
    player_id: &'a str,
    name: &'a str,
    attributes: Attributes,
}

#[derive(Serialize)]
struct Attributes {}

fn answer(game: &Game, headers: &http::HeaderMap, body: &[u8]) -> (StatusCode, Bytes) {
    if !game.signed(headers, body) {
        return (StatusCode::FORBIDDEN, Bytes::from_static(b"{}"));
    }
    let event = std::str::from_utf8(body).ok().and_then(|json| serde_json::from_str(json).ok());
    let body = match event {
        Some(Event::Verify(PlayerVerify { player_id })) => {
            let player = Player { player_id: &player_id, name: "Aria of the North", attributes: Attributes {} };
            serde_json::to_vec(&player).expect("strings serialize").into()
        }
        Some(Event::Paid(order)) => acknowledge(&order),
        Some(Event::Grant(grant)) => acknowledge(&grant),
        None => return (StatusCode::BAD_REQUEST, Bytes::from_static(b"{}")),
    };
    (StatusCode::OK, body)
}

fn acknowledge<T>(event: &T) -> Bytes {
    std::hint::black_box(event);
    Bytes::from_static(br#"{"status":"ok"}"#)
}
