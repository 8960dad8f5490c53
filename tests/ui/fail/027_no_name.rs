//! No event at all.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook]
async fn grant(_event: ItemAdd) {}

fn main() {}
