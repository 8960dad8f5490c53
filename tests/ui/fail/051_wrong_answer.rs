//! An answer of another type.

use aghanim_hooks::events::PlayerVerify;
use aghanim_hooks::webhook;

#[webhook("player.verify")]
async fn verify(event: PlayerVerify) -> String {
    format!("{event:?}")
}

fn main() {}
