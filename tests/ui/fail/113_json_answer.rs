//! An answer in `Json`.

use aghanim_hooks::events::{Player, PlayerVerify};
use aghanim_hooks::{Rejection, webhook};

// As in axum.
struct Json<T>(T);

#[webhook("player.verify")]
async fn verify(_event: PlayerVerify) -> Result<Json<Player>, Rejection> {
    Err(Rejection::deny("not_found", "no such player"))
}

fn main() {}
