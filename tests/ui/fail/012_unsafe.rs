//! An `unsafe fn`.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add")]
async unsafe fn grant(_event: ItemAdd) {}

fn main() {}
