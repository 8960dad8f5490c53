//! No parameters.

use aghanim_hooks::webhook;

#[webhook("item.add")]
async fn grant() {}

fn main() {}
