//! A lifetime parameter.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add")]
async fn grant<'a>(_event: ItemAdd) {}

fn main() {}
