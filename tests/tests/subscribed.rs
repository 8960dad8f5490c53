//! A list that is checked against the registration in `aghanim-webhooks.json`.

#![deny(warnings)]

use aghanim_hooks::events::{AnyOrder, ItemAdd, ItemRemove, Player, PlayerVerify};
use aghanim_hooks::{Handlers, WebhookEvent, webhook, webhooks};

#[derive(serde::Deserialize, WebhookEvent)]
#[event("guild.joined")]
struct GuildJoined {}

#[webhook("player.verify")]
async fn verify(event: PlayerVerify) -> Player {
    Player::builder().player_id(event.player_id).name("Ada").build()
}

#[webhook("item.add")]
async fn grant(_event: ItemAdd) {}

#[webhook("item.remove")]
async fn take(_event: ItemRemove) {}

#[webhook("order.*")]
async fn orders(_event: AnyOrder) {}

#[webhook("guild.joined")]
async fn joined(_event: GuildJoined) {}

#[test]
fn a_list_that_fits() {
    // The studio's own event can't be subscribed to, and so is not missed.
    let exact: Handlers<()> = webhooks![verify, grant, orders, joined; exactly subscribed in "aghanim-webhooks.json"];
    assert_eq!(exact.events().count(), 4);
}

#[test]
fn a_handler_too_many_is_a_warning() {
    #[allow(deprecated, reason = "it is how the warning is made")]
    let more: Handlers<()> = webhooks![verify, grant, orders, take, ; subscribed in "aghanim-webhooks.json"];
    assert_eq!(more.events().count(), 4);
}
