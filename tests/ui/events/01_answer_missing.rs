//! `player.verify` asks for a player: an acknowledgement is not enough.

use aghanim_hooks::events::PlayerVerify;
use aghanim_hooks::webhook;

#[webhook("player.verify")]
async fn verify(_event: PlayerVerify) {}

fn main() {}
