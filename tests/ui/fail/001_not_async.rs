//! A function that is not `async`.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add")]
fn grant(_event: ItemAdd) {}

fn main() {}
