//! Upper case.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("Item.Add")]
async fn grant(_event: ItemAdd) {}

fn main() {}
