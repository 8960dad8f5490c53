//! `otherwise` without `only`.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add", otherwise = "acknowledge")]
async fn grant(_event: ItemAdd) {}

fn main() {}
