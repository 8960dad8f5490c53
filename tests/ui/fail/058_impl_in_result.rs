//! `impl Trait` in a `Result`.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::{IntoRejection, Rejection, webhook};

#[webhook("item.add")]
async fn grant(_event: ItemAdd) -> Result<(), impl IntoRejection> {
    Ok::<(), Rejection>(())
}

fn main() {}
