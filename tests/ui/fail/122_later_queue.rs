//! A queue's name with a space.

use aghanim_hooks::events::Order;
use aghanim_hooks::webhook;

#[webhook("order.paid", later(queue = "My Orders"))]
async fn book(_event: Order) {}

fn main() {}
