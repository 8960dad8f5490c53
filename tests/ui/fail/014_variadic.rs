//! A variadic function.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add")]
unsafe extern "C" fn grant(_event: ItemAdd, _: ...) {}

fn main() {}
