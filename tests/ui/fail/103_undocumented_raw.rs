//! A name that Aghanim does not document, in a family that it does.

use aghanim_hooks::{Event, RawEvent, webhook};

#[webhook("order.settled")]
async fn settled(_event: Event<RawEvent>) {}

fn main() {}
