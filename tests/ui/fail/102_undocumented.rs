//! A misspelt name that the payload's family covers.

use aghanim_hooks::events::AnyOrder;
use aghanim_hooks::webhook;

#[webhook("order.payed")]
async fn paid(_event: AnyOrder) {}

fn main() {}
