//! A `*` without its dot.

use aghanim_hooks::events::Order;
use aghanim_hooks::webhook;

#[webhook("order*")]
async fn order(_event: Order) {}

fn main() {}
