//! A parameter with a borrow in it.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;
use axum::extract::State;

#[webhook("item.add")]
async fn grant(State(_name): State<&str>, _event: ItemAdd) {}

fn main() {}
