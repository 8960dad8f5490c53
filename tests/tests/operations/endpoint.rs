//! An endpoint whose handler does what its event says.

use std::io;
use std::time::Duration;

use aghanim_hooks::events::{ItemAdd, Player, PlayerVerify};
use aghanim_hooks::signature::Secrets;
use aghanim_hooks::{Control, RawEvent, Rejection, Secret, Webhooks, webhook, webhooks};
use aghanim_hooks_tests::{Request, Response, Server, signed};
use axum::Router;
use axum::routing::post;

pub(crate) const TIMEOUT: Duration = Duration::from_millis(400);

#[webhook("player.verify")]
async fn verify(event: PlayerVerify) -> Player {
    Player::builder().player_id(event.player_id).name("Beetle").build()
}

/// The player's id says what the handler does.
#[webhook("item.add")]
async fn grant(event: ItemAdd) -> Result<(), Rejection> {
    match event.player_id.as_str() {
        "declines" => Err(Rejection::declined("no such player")),
        "fails" => Err(Rejection::internal(io::Error::other("a bug"))),
        "panics" => panic!("a bug"),
        "slow" => {
            tokio::time::sleep(Duration::from_millis(200)).await;
            Ok(())
        }
        "hangs" => std::future::pending().await,
        _ => Ok(()),
    }
}

#[webhook("analytics.*")]
async fn count(_event: RawEvent) {}

pub(crate) fn secret(name: &str) -> Secret {
    Secret::new(format!("whsec_{name}_4f1c9d0a77b2e8d6")).unwrap()
}

pub(crate) struct Endpoint {
    pub(crate) server: Server,
    pub(crate) control: Control,
}

impl Endpoint {
    pub(crate) async fn start(configure: impl FnOnce(Webhooks) -> Webhooks) -> Self {
        Self::with(secret("one"), configure).await
    }

    pub(crate) async fn with(secrets: impl Into<Secrets>, configure: impl FnOnce(Webhooks) -> Webhooks) -> Self {
        let hooks = configure(Webhooks::new(secrets, webhooks![verify, grant, count]).timeout(TIMEOUT));
        let control = hooks.control();
        let router = Router::new().route("/webhook", post(hooks)).merge(control.health_routes());
        Self { server: Server::start(router).await.unwrap(), control }
    }

    pub(crate) async fn send(&self, request: &Request) -> Response {
        request.send(self.server.address()).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.send(&Request::post("").method("GET").path(path)).await
    }
}

pub(crate) fn body(event_type: &str, player: &str, key: Option<&str>) -> String {
    let key = key.map_or("null".to_owned(), |key| format!("\"{key}\""));
    format!(
        r#"{{"event_id":"whevt_{player}","event_type":"{event_type}","idempotency_key":{key},"event_data":{{"player_id":"{player}","items":[]}}}}"#
    )
}

pub(crate) fn request(event_type: &str, player: &str) -> Request {
    signed(&secret("one"), body(event_type, player, None))
}

pub(crate) fn keyed(player: &str, key: &str) -> Request {
    signed(&secret("one"), body("item.add", player, Some(key)))
}
