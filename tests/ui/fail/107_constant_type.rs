//! A constant of another type.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

const ADDED: u8 = 7;

#[webhook(ADDED)]
async fn grant(_event: ItemAdd) {}

fn main() {}
