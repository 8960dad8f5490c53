//! `Event` around what is no payload.

use aghanim_hooks::{Event, webhook};

struct Grant;

#[webhook("item.add")]
async fn grant(_event: Event<Grant>) {}

fn main() {}
