//! Extractors only.

use aghanim_hooks::webhook;
use axum::extract::State;

#[derive(Clone)]
struct Game;

#[webhook("item.add")]
async fn grant(State(_game): State<Game>) {}

fn main() {}
