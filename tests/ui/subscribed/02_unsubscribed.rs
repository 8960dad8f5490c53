//! A handler of an event that is not subscribed, which is a warning.

#![deny(deprecated)]

use aghanim_hooks::events::{AnyOrder, ItemAdd, ItemRemove};
use aghanim_hooks::{Handlers, webhook, webhooks};

#[webhook("item.add")]
async fn grant(_event: ItemAdd) {}

#[webhook("item.remove")]
async fn take(_event: ItemRemove) {}

#[webhook("order.*")]
async fn orders(_event: AnyOrder) {}

fn handlers() -> Handlers<()> {
    webhooks![grant, take, orders; subscribed in "ui/subscribed/aghanim-webhooks.json"]
}

fn main() {
    handlers();
}
