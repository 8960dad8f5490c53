//! A path that does not begin at the event's data.

use aghanim_hooks::events::Order;
use aghanim_hooks::webhook;

#[webhook("order.paid", later(latest_of = "id"))]
async fn book(_event: Order) {}

fn main() {}
