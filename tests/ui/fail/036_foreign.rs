//! A name of another payload.

use aghanim_hooks::events::Order;
use aghanim_hooks::webhook;

#[webhook("item.add")]
async fn order(_event: Order) {}

fn main() {}
