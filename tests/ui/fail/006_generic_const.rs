//! A const parameter.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add")]
async fn grant<const N: usize>(_event: ItemAdd) {}

fn main() {}
