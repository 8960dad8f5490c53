//! A time without a unit.

use aghanim_hooks::events::Order;
use aghanim_hooks::webhook;

#[webhook("order.paid", later(timeout = "30"))]
async fn book(_event: Order) {}

fn main() {}
