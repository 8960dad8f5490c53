//! A `later` handler that takes something of the request.

use aghanim_hooks::events::Order;
use aghanim_hooks::webhook;
use axum::http::HeaderMap;

#[webhook("order.paid", later)]
async fn book(_headers: HeaderMap, _event: Order) {}

fn main() {}
