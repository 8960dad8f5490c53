//! Two handlers of one event.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::{Handlers, webhook, webhooks};

#[webhook("item.add")]
async fn grant(_event: ItemAdd) {}

#[webhook("item.add")]
async fn grant_again(_event: ItemAdd) {}

fn handlers() -> Handlers<()> {
    webhooks![grant, grant_again]
}

fn main() {}
