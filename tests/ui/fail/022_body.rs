//! An extractor that reads the body.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;
use axum::body::Bytes;

#[webhook("item.add")]
async fn grant(_body: Bytes, _event: ItemAdd) {}

fn main() {}
