//! One of the servers that the load of `http` goes to: `server NAME PORT`, on the loopback interface.
//!
//! The part of its name after a `+` says how it is observed, see [`Observed`].
//!
//! All run on tokio's multi-threaded runtime as `#[tokio::main]` makes it, with as many workers as there are cores to
//! run on; `http` pins the process to one.

mod hyper_tuned;
mod observed;

use aghanim_hooks_benches::hand_written::{self, Game};
use aghanim_hooks_benches::ours;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use bytes::Bytes;
use observed::Observed;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, port] = arguments.as_slice() else { panic!("arguments: NAME PORT") };
    let listener = TcpListener::bind(("127.0.0.1", port.parse().expect("a port"))).await?;
    let (name, observed) = match name.split_once('+') {
        Some((name, how)) => (name, Observed::from_name(how)),
        None => (name.as_str(), Observed::Not),
    };
    let router: Router = match name {
        "ours" => Router::new().route("/webhook", post(ours::endpoint())),
        "hand-written" => Router::new().route("/webhook", post(hand_written::webhook)).with_state(Game::new()),
        "hand-written-value" => {
            Router::new().route("/webhook", post(hand_written::webhook_value)).with_state(Game::new())
        }
        "body-only" => Router::new().route("/webhook", post(body_only)),
        "hyper" => return hyper_tuned::serve(listener).await,
        other => panic!("{other} is no server"),
    };
    axum::serve(listener, observed.layer(router)).await
}

/// The cost of axum itself: the body is read, and nothing else is done.
async fn body_only(body: Bytes) -> (StatusCode, &'static str) {
    std::hint::black_box(&body);
    (StatusCode::OK, r#"{"status":"ok"}"#)
}
