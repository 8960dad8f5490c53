//! A file without a version.

use aghanim_hooks::events::{ItemAdd};
use aghanim_hooks::{Handlers, webhook, webhooks};

#[webhook("item.add")]
async fn grant(_event: ItemAdd) {}

fn handlers() -> Handlers<()> {
    webhooks![grant; subscribed in "ui/subscribed/unversioned.json"]
}

fn main() {
    handlers();
}
