//! A state that the router does not have.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::{Secret, Webhooks, webhook, webhooks};
use axum::extract::State;
use axum::{Router, routing::post};

#[derive(Clone)]
struct Game;

#[webhook("item.add")]
async fn grant(State(_game): State<Game>, _event: ItemAdd) {}

fn app(secret: Secret) -> Router {
    Router::new().route("/webhook", post(Webhooks::new(secret, webhooks![grant])))
}

fn main() {}
