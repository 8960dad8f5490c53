//! A signature and a name.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("Item.Add")]
fn grant(_event: ItemAdd) {}

fn main() {}
