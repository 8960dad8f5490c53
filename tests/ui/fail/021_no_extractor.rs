//! A parameter that is no extractor.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::{Handlers, webhook, webhooks};

struct Game;

#[webhook("item.add")]
async fn grant(_game: Game, _event: ItemAdd) {}

fn handlers() -> Handlers<()> {
    webhooks![grant]
}

fn main() {}
