//! Two events.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::{Event, webhook};

#[webhook("item.add")]
async fn grant(_first: Event<ItemAdd>, _second: ItemAdd) {}

fn main() {}
