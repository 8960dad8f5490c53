//! A wrong signature, and a wrong body, which is checked too.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add")]
fn grant(event: ItemAdd) {
    let _: u8 = event.player_id;
}

fn main() {}
