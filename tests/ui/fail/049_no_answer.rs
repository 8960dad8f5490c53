//! No answer, where one is asked for.

use aghanim_hooks::events::PlayerVerify;
use aghanim_hooks::webhook;

#[webhook("player.verify")]
async fn verify(_event: PlayerVerify) {}

fn main() {}
