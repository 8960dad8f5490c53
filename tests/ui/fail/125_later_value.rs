//! `later` with a value.

use aghanim_hooks::events::Order;
use aghanim_hooks::webhook;

#[webhook("order.paid", later = true)]
async fn book(_event: Order) {}

fn main() {}
