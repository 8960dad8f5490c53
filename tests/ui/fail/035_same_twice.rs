//! One name twice.

use aghanim_hooks::events::Order;
use aghanim_hooks::webhook;

#[webhook("order.paid", "order.paid")]
async fn order(_event: Order) {}

fn main() {}
