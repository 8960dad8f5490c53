//! No comma between the handlers.

use aghanim_hooks::events::{ItemAdd, ItemRemove};
use aghanim_hooks::{Handlers, webhook, webhooks};

#[webhook("item.add")]
async fn grant(_event: ItemAdd) {}

#[webhook("item.remove")]
async fn take(_event: ItemRemove) {}

fn handlers() -> Handlers<()> {
    webhooks![grant take]
}

fn main() {}
