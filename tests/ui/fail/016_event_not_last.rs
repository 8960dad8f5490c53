//! The event before an extractor.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;
use axum::extract::State;

#[derive(Clone)]
struct Game;

#[webhook("item.add")]
async fn grant(_event: ItemAdd, State(_game): State<Game>) {}

fn main() {}
