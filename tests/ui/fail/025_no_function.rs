//! The attribute on a struct.

use aghanim_hooks::webhook;

#[webhook("item.add")]
struct Grant;

fn main() {}
