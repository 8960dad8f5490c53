//! What `order.refunded` brings is not documented: `Order` asks for too much.

use aghanim_hooks::events::Order;
use aghanim_hooks::webhook;

#[webhook("order.refunded")]
async fn refunded(_event: Order) {}

fn main() {}
