//! An unknown environment.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add", only = "production")]
async fn grant(_event: ItemAdd) {}

fn main() {}
