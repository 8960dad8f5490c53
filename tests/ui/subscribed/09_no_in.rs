//! A word is missing.

use aghanim_hooks::events::{ItemAdd};
use aghanim_hooks::{Handlers, webhook, webhooks};

#[webhook("item.add")]
async fn grant(_event: ItemAdd) {}

fn handlers() -> Handlers<()> {
    webhooks![grant; subscribed "ui/subscribed/aghanim-webhooks.json"]
}

fn main() {
    handlers();
}
