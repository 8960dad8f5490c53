//! A constant that does not exist.

use aghanim_hooks::events::{ItemAdd, name};
use aghanim_hooks::webhook;

#[webhook(name::ITEM_ADDED)]
async fn grant(_event: ItemAdd) {}

fn main() {}
