//! A constant with the name of another payload.

use aghanim_hooks::events::{ItemAdd, name};
use aghanim_hooks::webhook;

#[webhook(name::ITEM_REMOVE)]
async fn grant(_event: ItemAdd) {}

fn main() {}
