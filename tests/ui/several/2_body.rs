//! A wrong signature, and a wrong body that is checked all the same.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add")]
fn grant(event: ItemAdd) {
    let _: u8 = event.player_id;
}

fn main() {}
