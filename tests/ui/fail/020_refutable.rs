//! A pattern that need not match.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;
use axum::http::HeaderMap;

#[webhook("item.add")]
async fn grant(Ok(_headers): Result<HeaderMap, String>, _event: ItemAdd) {}

fn main() {}
