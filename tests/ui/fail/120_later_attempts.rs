//! No attempts at all.

use aghanim_hooks::events::Order;
use aghanim_hooks::webhook;

#[webhook("order.paid", later(attempts = 0))]
async fn book(_event: Order) {}

fn main() {}
