//! The payload of `order.refunded` is not documented: `Order` requires too much.

use aghanim_hooks::events::Order;
use aghanim_hooks::webhook;

#[webhook("order.refunded")]
async fn refunded(_event: Order) {}

fn main() {}
