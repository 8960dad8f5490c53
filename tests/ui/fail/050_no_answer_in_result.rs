//! No answer in a `Result`.

use aghanim_hooks::events::PlayerVerify;
use aghanim_hooks::{Rejection, webhook};

#[webhook("player.verify")]
async fn verify(_event: PlayerVerify) -> Result<(), Rejection> {
    Ok(())
}

fn main() {}
