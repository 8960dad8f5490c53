//! Rules for every endpoint: the body has a time limit, and panics are caught.

use std::time::Duration;

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::{Secret, Webhooks, webhook, webhooks};
use aghanim_hooks_tests::Server;
use axum::Router;
use axum::routing::post;
use tokio::time::timeout;

use super::{Endpoint, SECRET, event};

/// A body that trickles in does not hold a connection for ever.
#[tokio::test]
async fn a_body_that_does_not_come_is_a_408() {
    let fixture = crate::fixture::memory().await.unwrap();
    let endpoint = Endpoint::with(fixture, |hooks| hooks.timeout(Duration::from_millis(200))).await;
    let announced = event("p", "k").wire_body("{");
    let answer = timeout(Duration::from_secs(5), endpoint.send(&announced)).await.expect("it does not wait for ever");
    assert_eq!((answer.status, answer.json()["code"].as_str()), (408, Some("request_timeout")));
    assert_eq!(endpoint.runs(), 0);
}

#[tokio::test]
async fn a_panic_is_answered_without_a_store_too() {
    #[webhook("item.add")]
    async fn panics(_event: ItemAdd) {
        panic!("the handler's own bug");
    }

    let hooks: Webhooks = Webhooks::new(Secret::new(SECRET).unwrap(), webhooks![panics]);
    let server = Server::start(Router::new().route("/webhook", post(hooks))).await.unwrap();
    let answer = event("p", "k").send(server.address()).await.unwrap();
    assert_eq!((answer.status, answer.json()["code"].as_str()), (500, Some("internal_error")));
}
