//! A file whose events are not a list.

use aghanim_hooks::events::{ItemAdd};
use aghanim_hooks::{Handlers, webhook, webhooks};

#[webhook("item.add")]
async fn grant(_event: ItemAdd) {}

fn handlers() -> Handlers<()> {
    webhooks![grant; subscribed in "ui/subscribed/names.json"]
}

fn main() {
    handlers();
}
