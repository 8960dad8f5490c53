//! An endpoint with everything that a document can have.

use std::collections::BTreeMap;

use aghanim_hooks::events::{
    AnyOrder, FoundPlayer, FoundPlayers, ItemAdd, Player, PlayerLookup, PlayerVerify, StoreGet, StoreItems,
};
use aghanim_hooks::idempotency::{KeyReuse, MemoryStore};
use aghanim_hooks::{AnyReply, Event, RawEvent, Rejection, Secret, WebhookEvent, Webhooks, webhook, webhooks};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A type that is read in one form and written in another: `banner` may be missing in what is read.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Guild {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) banner: String,
    /// Guilds within the guild.
    #[serde(default)]
    pub(crate) inner: Vec<Guild>,
}

/// A player joined a guild.
#[derive(Debug, Deserialize, JsonSchema, WebhookEvent)]
#[event("guild.joined", reply = GuildCard)]
pub(crate) struct GuildJoined {
    pub(crate) guild: Guild,
    #[serde(default)]
    #[expect(dead_code, reason = "only in the schema")]
    ranks: BTreeMap<String, u8>,
}

/// A guild and its motto. See [`Guild`].
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct GuildCard {
    guild: Guild,
    motto: Option<String>,
}

/// It has no schema.
#[derive(Debug, Deserialize, WebhookEvent)]
#[event("guild.left")]
pub(crate) struct GuildLeft {
    #[expect(dead_code, reason = "never read")]
    guild_id: String,
}

#[webhook("guild.joined")]
async fn joined(event: GuildJoined) -> Result<GuildCard, Rejection> {
    if event.guild.name.is_empty() {
        return Err(Rejection::deny("validation_error", "which guild?"));
    }
    Ok(GuildCard { guild: event.guild, motto: None })
}

#[webhook("guild.left")]
async fn left(_event: GuildLeft) {}

#[webhook("player.verify")]
async fn verify(event: PlayerVerify) -> Result<Player, Rejection> {
    match event.player_id.as_str() {
        "nobody" => Err(Rejection::deny("not_found", "no such player")),
        "broken" => Err(Rejection::internal("a bug")),
        _ => Ok(Player::builder().player_id(event.player_id).name("Beetle").build()),
    }
}

#[webhook("player.lookup")]
async fn lookup(event: PlayerLookup) -> Result<FoundPlayers, Rejection> {
    let account = event.get("account_id").ok_or_else(|| Rejection::deny("not_found", "no such account"))?;
    Ok([FoundPlayer::new("Beetle").identity("account_id", account)].into())
}

#[webhook("store.get")]
async fn store(_event: StoreGet) -> StoreItems {
    StoreItems::default()
}

#[webhook("item.add")]
async fn grant(_event: Event<ItemAdd>) -> Result<(), Rejection> {
    Err(Rejection::declined("the bag is full"))
}

#[webhook("order.*")]
async fn order(_event: AnyOrder) {}

#[webhook("*")]
async fn rest(_event: RawEvent) -> AnyReply {
    AnyReply::ack()
}

pub(crate) fn secret() -> Secret {
    Secret::new("whsec_4f1c9d0a77b2e8d6").unwrap()
}

pub(crate) fn endpoint() -> Webhooks {
    let handlers = webhooks![joined, left, verify, lookup, store, grant, order, rest];
    Webhooks::new(secret(), handlers)
        .idempotency(MemoryStore::new())
        .key_reuse(KeyReuse::Refuse)
        .require_key("item.*")
        .require_sandbox_flag()
}
