//! A parameter and an answer.

use aghanim_hooks::events::PlayerVerify;
use aghanim_hooks::{Event, RawEvent, webhook};

#[webhook("player.verify")]
async fn verify(_first: Event<RawEvent>, _event: PlayerVerify) {}

fn main() {}
