//! `crate` with a text.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add", crate = "aghanim_hooks")]
async fn grant(_event: ItemAdd) {}

fn main() {}
