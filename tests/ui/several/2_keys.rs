//! Two keys in one attribute.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add", onyl = "live", crate = aghanim_hooks)]
async fn grant(_event: ItemAdd) {}

fn main() {}
