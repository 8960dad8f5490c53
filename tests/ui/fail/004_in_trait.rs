//! A function of a trait.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

trait Grants {
    #[webhook("item.add")]
    async fn grant(_event: ItemAdd);
}

fn main() {}
