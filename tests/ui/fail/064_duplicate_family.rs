//! Two handlers of one family.

use aghanim_hooks::{Handlers, RawEvent, webhook, webhooks};

#[webhook("order.*")]
async fn orders(_event: RawEvent) {}

#[webhook("order.*")]
async fn more_orders(_event: RawEvent) {}

fn handlers() -> Handlers<()> {
    webhooks![orders, more_orders]
}

fn main() {}
