//! The kit for tests: what it sends, what it returns, and what it says when something is wrong.

use std::time::{Duration, SystemTime};

use aghanim_hooks::events::{ItemAdd, Player, PlayerLookup, PlayerUpdate, PlayerVerify};
use aghanim_hooks::idempotency::MemoryStore;
use aghanim_hooks::testing::{Clock, Sample, TestClient, event};
use aghanim_hooks::{AnyReply, Event, RawEvent, Rejection, Secret, WebhookEvent, Webhooks, webhook, webhooks};
use axum::Router;
use axum::http::HeaderMap;
use axum::routing::post;
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize, WebhookEvent, Sample)]
#[event("guild.joined", "guild.left", reply = GuildCard)]
struct GuildChanged {
    #[sample("gld_1")]
    guild_id: String,
    #[serde(rename = "type")]
    kind: Kind,
    ranks: Vec<u32>,
    #[sample(None)]
    invited_by: Option<Box<str>>,
    member: Member<i64>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Sample)]
enum Kind {
    Open(bool),
    Closed,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Sample)]
struct Member<Id: Sample> {
    id: Id,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct GuildCard {
    motto: String,
}

#[webhook("guild.joined")]
async fn joined(event: GuildChanged) -> GuildCard {
    GuildCard { motto: format!("welcome to {}", event.guild_id) }
}

#[webhook("player.verify")]
async fn verify(headers: HeaderMap, event: Event<PlayerVerify>) -> Result<Player, Rejection> {
    let shown = headers.get("x-shown").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = format!("{shown} {:?} {}", event.idempotency_key, event.sandbox);
    Ok(Player::builder().player_id(event.data.player_id).name(name).build())
}

#[webhook("player.lookup")]
async fn look_up(_event: PlayerLookup) -> Result<aghanim_hooks::events::FoundPlayers, Rejection> {
    Err(Rejection::deny("banned", "this player is banned"))
}

#[webhook("player.update")]
async fn update(_event: PlayerUpdate) -> Result<(), Rejection> {
    Err(std::io::Error::other("the disk is full").into())
}

#[webhook("item.add")]
async fn grant(event: Event<ItemAdd>) -> Result<(), Rejection> {
    if event.data.player_id == "nobody" { Err(Rejection::declined("no such player")) } else { Ok(()) }
}

/// Answers each delivery differently, as no handler may.
#[webhook("*")]
async fn counting(event: Event<RawEvent>) -> AnyReply {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    AnyReply::new(serde_json::json!({ "type": event.event_type, "count": count }))
}

fn secret() -> Secret {
    Secret::new("whsec_for_tests_only").unwrap()
}

fn client() -> TestClient {
    let handlers = webhooks![joined, verify, look_up, update, grant, counting];
    let hooks = Webhooks::new(secret(), handlers).idempotency(MemoryStore::new());
    TestClient::new(Router::new().route("/hooks/aghanim", post(hooks)), secret()).path("/hooks/aghanim")
}

#[tokio::test]
async fn the_reply_has_the_type_that_the_payload_asks_for() {
    let card: GuildCard = client().send(GuildChanged::sample()).await.unwrap();
    assert_eq!(card.motto, "welcome to gld_1");
    let () = client().send(ItemAdd::sample()).await.map(drop).unwrap();
}

#[tokio::test]
async fn a_refusal_is_one_in_each_events_own_shape() {
    let refused = client().send(ItemAdd::new("nobody", [])).await.unwrap_err();
    assert_eq!((refused.status(), &*refused.code, &*refused.message), (400, "declined", "no such player"));
    let refused = client().send(PlayerLookup::sample()).await.unwrap_err();
    assert_eq!((refused.status(), &*refused.code, refused.is_failure()), (200, "banned", false));
    let failed = client().send(PlayerUpdate::sample()).await.unwrap_err();
    assert_eq!((failed.status(), failed.is_failure()), (500, true));
    assert!(!failed.to_string().contains("disk"), "{failed}");
}

#[tokio::test]
async fn the_envelope_is_as_asked_and_the_raw_answer_within_reach() {
    let sent = client().send(PlayerVerify::new("p1")).key("k1").sandbox().header("x-shown", "shown");
    assert_eq!(sent.clone().await.unwrap().name, "shown Some(\"k1\") true");
    let answer = sent.clone().answer().await;
    assert_eq!((answer.status.as_u16(), &answer.headers["content-type"]), (200, &"application/json".parse().unwrap()));
    let other = Secret::new("whsec_of_somebody_else").unwrap();
    assert_eq!(sent.signed_with(&other).answer().await.status, 403);
    // Aghanim sends no key with `player.verify`, and one with `item.add`.
    assert_eq!(client().send(PlayerVerify::new("p1")).await.unwrap().name, " None false");
    assert!(event(ItemAdd::sample()).build().idempotency_key.is_some());
    assert_eq!(event(ItemAdd::sample()).without_key().build().idempotency_key, None);
}

#[tokio::test]
async fn the_clock_is_the_endpoints_too() {
    let clock = Clock::starting_at(SystemTime::now() - Duration::from_hours(24 * 365));
    let client = client().clock(&clock);
    client.send(ItemAdd::sample()).await.unwrap();
    let late = client.send(ItemAdd::sample()).at(clock.now());
    clock.advance(Duration::from_hours(73));
    assert_eq!(late.answer().await.status, 403);
}

#[tokio::test]
async fn duplicates_get_one_answer_with_a_key() {
    let grant = client().send(ItemAdd::sample()).key("k1");
    grant.clone().repeat(3).await.same().unwrap();
    assert_eq!(grant.at_once(8).await.each().len(), 8);
}

#[tokio::test]
#[should_panic(expected = "duplicates of `guild.left` were answered differently\n  1: 200 OK {")]
async fn a_failure_shows_both_answers() {
    let event = client().send_json("guild.left", &serde_json::json!({})).without_key().id("");
    event.repeat(2).await.same().unwrap();
}

#[tokio::test]
#[should_panic(expected = "`player.verify` was answered with what is not a `")]
async fn an_answer_of_another_shape_is_said_so() {
    let wrong = post(|| async { "{\"status\":\"ok\"}" });
    let _ = TestClient::new(wrong, secret()).send(PlayerVerify::new("p1")).await;
}

#[tokio::test]
async fn a_handler_is_called_as_a_plain_function_with_an_event_made_by_hand() {
    let bought = event(ItemAdd::sample()).key("k1").sandbox().id("whevt_1").trigger("hub.purchase").build();
    assert_eq!((bought.event_type.as_str(), bought.id.as_deref(), bought.sandbox), ("item.add", Some("whevt_1"), true));
    // The raw JSON is there, as for an event that was received.
    assert!(bought.data_raw().unwrap().get().contains("\"player_id\":\"2D2R-OP3C\""));
    grant(bought).await.unwrap();
    let left = event(GuildChanged::sample()).event_type("guild.left").build();
    assert_eq!(left.data, GuildChanged::sample());
    assert_eq!((left.data.kind, left.data.member.id, left.data.ranks), (Kind::Open(true), 1, vec![1]));
}
