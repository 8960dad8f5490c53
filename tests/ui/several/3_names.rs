//! Three names in one attribute.

use aghanim_hooks::{RawEvent, webhook};

#[webhook("order*", "Item.Add", "player..verify", "item.remove")]
async fn rest(_event: RawEvent) {}

fn main() {}
