//! A wrong signature, and a list that names it.

use aghanim_hooks::events::{ItemAdd, ItemRemove};
use aghanim_hooks::{Handlers, webhook, webhooks};

#[webhook("item.add")]
fn grant(_event: ItemAdd) {}

#[webhook("item.remove")]
async fn take(_event: ItemRemove) {}

fn handlers() -> Handlers<()> {
    webhooks![grant, take]
}

fn main() {}
