//! An `extern fn`.

#![allow(improper_ctypes_definitions)]

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add")]
async extern "C" fn grant(_event: ItemAdd) {}

fn main() {}
