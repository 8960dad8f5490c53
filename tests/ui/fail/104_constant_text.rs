//! A constant that is no event name.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

const ADDED: &str = "Item.Add";

#[webhook(ADDED)]
async fn grant(_event: ItemAdd) {}

fn main() {}
