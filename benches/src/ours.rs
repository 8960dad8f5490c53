//! The endpoint of this project, with the handlers of a game.

use std::time::Duration;

use aghanim_hooks::events::{ItemAdd, Order, Player, PlayerVerify};
use aghanim_hooks::idempotency::{KeyReuse, MemoryStore};
use aghanim_hooks::signature::Tolerance;
use aghanim_hooks::{Environment, Otherwise, Secret, UnknownEvents, Webhooks, webhook, webhooks};

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

/// The game's player. Every measured endpoint answers with the same one.
#[must_use]
pub fn player(event: PlayerVerify) -> Player {
    Player::builder().player_id(event.player_id).name("Aria of the North").build()
}

/// The endpoint with default settings.
///
/// # Panics
/// Never: the secret is valid.
#[must_use]
pub fn endpoint() -> Webhooks {
    Webhooks::new(Secret::new(SECRET).expect("a secret"), webhooks![verify, paid, grant])
}

/// A setting of an endpoint, by name.
type Policy = (&'static str, fn(Webhooks) -> Webhooks);

/// Settings that have no effect on a live `player.verify` without a key.
pub const POLICIES: [Policy; 7] = [
    ("only live events", |hooks| hooks.only(Environment::Live, Otherwise::Refuse)),
    ("unknown events are accepted", |hooks| hooks.unknown_events(UnknownEvents::Accept)),
    ("no time window", |hooks| hooks.tolerance(Tolerance { past: Duration::MAX, future: Duration::MAX })),
    ("another timeout and body limit", |hooks| hooks.timeout(Duration::from_secs(3)).body_limit(64 * 1024)),
    ("a store", with_store),
    ("a store, reused keys are refused", |hooks| with_store(hooks).key_reuse(KeyReuse::Refuse)),
    ("a store, others must bear a key", |hooks| with_store(hooks).require_key("item.add").require_key("order.*")),
];

fn with_store(hooks: Webhooks) -> Webhooks {
    // Answers are kept for ever, because the time window may be unlimited.
    hooks.idempotency(MemoryStore::new().retention(Duration::MAX))
}

/// The endpoint with all [`POLICIES`].
#[must_use]
pub fn endpoint_with_policies() -> Webhooks {
    POLICIES.iter().fold(endpoint(), |hooks, (_, policy)| policy(hooks))
}
