//! A name that is no text.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook(b"item.add")]
async fn grant(_event: ItemAdd) {}

fn main() {}
