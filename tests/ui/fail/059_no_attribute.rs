//! A function without the attribute.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::{Handlers, webhooks};

async fn grant(_event: ItemAdd) {}

fn handlers() -> Handlers<()> {
    webhooks![grant]
}

fn main() {}
