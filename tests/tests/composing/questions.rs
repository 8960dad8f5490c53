//! Events that ask a question: their answers are not kept, unless a handler wants that.

use std::sync::atomic::{AtomicUsize, Ordering};

use aghanim_hooks::events::{ItemAdd, Player, PlayerVerify};
use aghanim_hooks::idempotency::MemoryStore;
use aghanim_hooks::{Rejection, webhook, webhooks};
use serde_json::json;

use crate::{Endpoint, keyed};

/// Knows no player at first, and every player afterwards.
fn asked(count: &AtomicUsize, event: PlayerVerify) -> Result<Player, Rejection> {
    match count.fetch_add(1, Ordering::Relaxed) {
        0 => Err(Rejection::deny("not_found", "no such player")),
        _ => Ok(Player::builder().player_id(event.player_id).name("Ada").build()),
    }
}

#[webhook("player.verify")]
async fn verify(event: PlayerVerify) -> Result<Player, Rejection> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    asked(&COUNT, event)
}

#[webhook("player.verify", once = true)]
async fn verify_once(event: PlayerVerify) -> Result<Player, Rejection> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    asked(&COUNT, event)
}

#[webhook("item.add", once = false)]
async fn grant_each_time(_event: ItemAdd) -> Result<(), Rejection> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    match COUNT.fetch_add(1, Ordering::Relaxed) {
        0 => Err(Rejection::declined("not today")),
        _ => Ok(()),
    }
}

#[tokio::test]
async fn a_refused_player_who_exists_later_is_found() {
    let endpoint = Endpoint::with_store(webhooks![verify], MemoryStore::new()).await;
    let event = keyed("player.verify", &json!({"player_id": "p"}));
    assert_eq!(endpoint.send(&event).await.status, 404);
    assert_eq!(endpoint.send(&event).await.status, 200);
}

#[tokio::test]
async fn a_handler_can_have_its_answers_kept() {
    let endpoint = Endpoint::with_store(webhooks![verify_once], MemoryStore::new()).await;
    let event = keyed("player.verify", &json!({"player_id": "p"}));
    assert_eq!(endpoint.send(&event).await.status, 404);
    assert_eq!(endpoint.send(&event).await.status, 404);
}

#[tokio::test]
async fn a_handler_can_be_called_each_time() {
    let endpoint = Endpoint::with_store(webhooks![grant_each_time], MemoryStore::new()).await;
    let event = keyed("item.add", &json!({"player_id": "p", "items": []}));
    assert_eq!(endpoint.send(&event).await.status, 400);
    assert_eq!(endpoint.send(&event).await.status, 200);
}
