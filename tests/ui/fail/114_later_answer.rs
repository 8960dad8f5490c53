//! `later` on an event that Aghanim waits for.

use aghanim_hooks::events::{Player, PlayerVerify};
use aghanim_hooks::{Rejection, webhook};

#[webhook("player.verify", later)]
async fn verify(_event: PlayerVerify) -> Result<Player, Rejection> {
    Err(Rejection::deny("not_found", "no such player"))
}

fn main() {}
