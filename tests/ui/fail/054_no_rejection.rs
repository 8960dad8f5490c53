//! An error that is no rejection.

use aghanim_hooks::events::{Player, PlayerVerify};
use aghanim_hooks::webhook;

#[webhook("player.verify")]
async fn verify(_event: PlayerVerify) -> Result<Player, std::fmt::Error> {
    Err(std::fmt::Error)
}

fn main() {}
