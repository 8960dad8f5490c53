//! `impl Trait` within the type of a parameter.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;
use axum::extract::State;

#[webhook("item.add")]
async fn grant(State(_game): State<impl Clone>, _event: ItemAdd) {}

fn main() {}
