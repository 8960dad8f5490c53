//! A method, which takes `self`.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

struct Game;

impl Game {
    #[webhook("item.add")]
    async fn grant(&self, _event: ItemAdd) {}
}

fn main() {}
