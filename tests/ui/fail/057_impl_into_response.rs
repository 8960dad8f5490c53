//! `impl IntoResponse`.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;
use axum::response::IntoResponse;

#[webhook("item.add")]
async fn grant(_event: ItemAdd) -> impl IntoResponse {}

fn main() {}
