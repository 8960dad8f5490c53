//! A `*` that is not at the end.

use aghanim_hooks::events::Order;
use aghanim_hooks::webhook;

#[webhook("*.paid")]
async fn order(_event: Order) {}

fn main() {}
