//! Two names that the payload does not belong to, and an answer.

use aghanim_hooks::events::PlayerVerify;
use aghanim_hooks::webhook;

#[webhook("item.add", "order.paid")]
async fn verify(_event: PlayerVerify) -> u8 {
    0
}

fn main() {}
