//! A text as the error.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add")]
async fn grant(_event: ItemAdd) -> Result<(), String> {
    Ok(())
}

fn main() {}
