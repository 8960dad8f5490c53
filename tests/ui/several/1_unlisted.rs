//! A handler that no list names is dead code.

#![deny(dead_code)]

use aghanim_hooks::events::{ItemAdd, ItemRemove};
use aghanim_hooks::{Handlers, webhook, webhooks};

#[webhook("item.add")]
async fn grant(_event: ItemAdd) {}

#[webhook("item.remove")]
async fn take(_event: ItemRemove) {}

fn main() {
    let _: Handlers<()> = webhooks![take];
}
