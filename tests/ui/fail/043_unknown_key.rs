//! An unknown key.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add", retries = 3)]
async fn grant(_event: ItemAdd) {}

fn main() {}
