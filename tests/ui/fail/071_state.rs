//! Handlers of two states.

use aghanim_hooks::events::{ItemAdd, ItemRemove};
use aghanim_hooks::{Handlers, webhook, webhooks};
use axum::extract::State;

#[derive(Clone)]
struct Game;

#[derive(Clone)]
struct Shop;

#[webhook("item.add")]
async fn grant(State(_game): State<Game>, _event: ItemAdd) {}

#[webhook("item.remove")]
async fn take(State(_shop): State<Shop>, _event: ItemRemove) {}

fn handlers() -> Handlers<Game> {
    webhooks![grant, take]
}

fn main() {}
