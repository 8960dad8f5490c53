//! A type parameter.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add")]
async fn grant<T>(_event: ItemAdd) {}

fn main() {}
