//! `later` on a family with an event that Aghanim waits for.

use aghanim_hooks::{RawEvent, webhook};

#[webhook("player.*", later)]
async fn player(_event: RawEvent) {}

fn main() {}
