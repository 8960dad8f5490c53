//! Handlers that come together: from a library, for each environment, with extractors and errors of one's own.

mod backend;
mod bundles;
mod environments;
mod extractors;
mod questions;

use aghanim_hooks::idempotency::IdempotencyStore;
use aghanim_hooks::{Handlers, Secret, Webhooks};
use aghanim_hooks_tests::{Response, Server, signed};
use axum::Router;
use axum::routing::post;
use serde_json::{Value, json};

fn secret() -> Secret {
    Secret::new("whsec_4f1c9d0a77b2e8d6").unwrap()
}

/// An endpoint on a real socket.
struct Endpoint(Server);

impl Endpoint {
    async fn new<S: Clone + Send + Sync + 'static>(hooks: Webhooks<S>, state: S) -> Self {
        let router = Router::new().route("/webhook", post(hooks)).with_state(state);
        Self(Server::start(router).await.unwrap())
    }

    async fn with_store(handlers: Handlers<()>, store: impl IdempotencyStore) -> Self {
        Self::new(Webhooks::new(secret(), handlers).idempotency(store), ()).await
    }

    async fn send(&self, event: &Value) -> Response {
        signed(&secret(), event.to_string()).send(self.0.address()).await.unwrap()
    }
}

/// An event with a key.
fn keyed(event_type: &str, data: &Value) -> Value {
    json!({ "event_type": event_type, "event_data": data, "idempotency_key": "ik_1", "game_id": "gm_1" })
}
