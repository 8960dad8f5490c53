//! A function in an `impl` block.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

struct Game;

impl Game {
    #[webhook("item.add")]
    async fn grant(_event: ItemAdd) {}
}

fn main() {}
