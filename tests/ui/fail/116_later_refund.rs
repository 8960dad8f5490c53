//! `later` on an event whose refusal is a refund.

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::webhook;

#[webhook("item.add", later)]
async fn grant(_event: ItemAdd) {}

fn main() {}
