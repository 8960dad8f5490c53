//! `player.lookup` is answered by the players found, not by what `store.get` asks for.

use aghanim_hooks::events::{PlayerLookup, StoreItems};
use aghanim_hooks::{Rejection, webhook};

#[webhook("player.lookup")]
async fn look_up(_event: PlayerLookup) -> Result<StoreItems, Rejection> {
    Ok(StoreItems::default())
}

fn main() {}
