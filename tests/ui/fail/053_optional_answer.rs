//! An answer that may be missing.

use aghanim_hooks::events::{Player, PlayerVerify};
use aghanim_hooks::webhook;

#[webhook("player.verify")]
async fn verify(_event: PlayerVerify) -> Option<Player> {
    None
}

fn main() {}
