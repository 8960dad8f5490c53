//! A `const fn`.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add")]
const fn grant(event: ItemAdd) -> ItemAdd {
    event
}

fn main() {}
