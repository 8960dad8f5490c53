//! `impl Trait` as the type of a parameter.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add")]
async fn grant(_game: impl Clone, _event: ItemAdd) {}

fn main() {}
