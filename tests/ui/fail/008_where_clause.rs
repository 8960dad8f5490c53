//! A `where` clause.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add")]
async fn grant(_event: ItemAdd)
where
    ItemAdd: Clone,
{
}

fn main() {}
