//! The endpoint of this project, with the handlers of a game.

use aghanim_hooks::events::{ItemAdd, Order, Player, PlayerAttributes, PlayerVerify};
use aghanim_hooks::{Secret, Webhooks, webhook, webhooks};

use crate::request::SECRET;

#[webhook("player.verify")]
async fn verify(event: PlayerVerify) -> Player {
    player(event)
}

#[webhook("order.paid")]
async fn paid(event: Order) {
    std::hint::black_box(&event);
}

#[webhook("item.add")]
async fn grant(event: ItemAdd) {
    std::hint::black_box(&event);
}

/// What the game knows of a player: the same for every endpoint that is measured.
#[must_use]
pub fn player(event: PlayerVerify) -> Player {
    Player::new(event.player_id, "Aria of the North", PlayerAttributes::default())
}

/// Everything as it comes: no option is set.
///
/// # Panics
/// Never: the secret is one.
#[must_use]
pub fn endpoint() -> Webhooks {
    Webhooks::new(Secret::new(SECRET).expect("a secret"), webhooks![verify, paid, grant])
}
