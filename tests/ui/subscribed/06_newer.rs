//! A file of a version that is not known.

use aghanim_hooks::events::{ItemAdd};
use aghanim_hooks::{Handlers, webhook, webhooks};

#[webhook("item.add")]
async fn grant(_event: ItemAdd) {}

fn handlers() -> Handlers<()> {
    webhooks![grant; subscribed in "ui/subscribed/newer.json"]
}

fn main() {
    handlers();
}
