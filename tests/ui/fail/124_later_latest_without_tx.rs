//! `latest_of` without a transaction.

use aghanim_hooks::events::Order;
use aghanim_hooks::webhook;

#[webhook("order.paid", later(latest_of = "data.id"))]
async fn book(_event: Order) {}

fn main() {}
