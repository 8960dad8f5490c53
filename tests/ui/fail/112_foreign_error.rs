//! The error of another library.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add")]
async fn grant(_event: ItemAdd) -> Result<(), sqlx::Error> {
    Ok(())
}

fn main() {}
