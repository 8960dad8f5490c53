//! A misspelt key.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add", onyl = "live")]
async fn grant(_event: ItemAdd) {}

fn main() {}
