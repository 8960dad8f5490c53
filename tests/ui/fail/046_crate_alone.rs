//! `crate` without a path.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add", crate)]
async fn grant(_event: ItemAdd) {}

fn main() {}
