//! An answer to an event that asks for none.

use aghanim_hooks::events::{ItemAdd, Player};
use aghanim_hooks::webhook;

#[webhook("item.add")]
async fn grant(_event: ItemAdd) -> Player {
    unreachable!()
}

fn main() {}
