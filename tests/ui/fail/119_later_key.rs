//! A misspelt key of `later`.

use aghanim_hooks::events::Order;
use aghanim_hooks::webhook;

#[webhook("order.paid", later(atempts = 3))]
async fn book(_event: Order) {}

fn main() {}
