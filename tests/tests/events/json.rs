//! Events as JSON both ways: through a queue, from a file, and by helpers that know nothing but `WebhookEvent`.

use aghanim_hooks::events::catalogue::CATALOGUE;
use aghanim_hooks::events::{AnyEvent, AnyOrder, ItemAdd, PlayerVerify};
use aghanim_hooks::{Event, EventError, RawEvent, Trigger, WebhookEvent, webhook, webhooks};
use aghanim_hooks_tests::fixtures::{self, Kind};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::backend::{Backend, Game};

/// An event of the game, which can be written.
#[derive(Debug, Serialize, Deserialize, WebhookEvent)]
#[event("guild.joined")]
struct GuildJoined {
    guild_id: String,
}

/// An event of the game, which can only be read.
#[derive(Debug, Deserialize, WebhookEvent)]
#[event("guild.left")]
struct GuildLeft {
    guild_id: String,
}

fn through_a_queue<E: WebhookEvent>(body: &str) -> Result<(Event<E>, Value), EventError> {
    let json = Event::<E>::from_slice(body.as_bytes())?.to_json()?;
    Ok((Event::from_slice(json.as_bytes())?, serde_json::from_str(&json).unwrap()))
}

#[test]
fn every_event_is_read_and_written_as_any_event() {
    for event in CATALOGUE {
        for kind in Kind::ALL {
            let sent = fixtures::envelope(event.name, kind);
            let case = format!("{}, {kind:?}", event.name);
            let any = AnyEvent::from_slice(sent.to_string().as_bytes()).unwrap();
            assert_eq!(any.event_type(), event.name, "{case}");
            assert!(format!("{any:?}").starts_with(&format!("{}(", event.payload)), "{case}: {any:?}");

            let written: Value = serde_json::from_str(&any.to_json().unwrap()).unwrap();
            assert_eq!(serde_json::to_value(&any).unwrap(), written, "{case}");
            if kind == Kind::Full {
                assert_eq!(written, sent, "{case}");
            }
            let again: AnyEvent = serde_json::from_value(written.clone()).unwrap();
            assert_eq!(serde_json::to_value(&again).unwrap(), written, "{case}");
            assert_eq!(std::mem::discriminant(&again), std::mem::discriminant(&any), "{case}");
        }
    }
}

#[test]
fn serde_reads_and_writes_the_envelope() {
    let sent = fixtures::envelope("item.add", Kind::Full);
    let event: Event<ItemAdd> = serde_json::from_value(sent.clone()).unwrap();
    assert_eq!(event.trigger, Some(Trigger::HubPurchase));
    assert_eq!(serde_json::to_value(&event).unwrap(), sent);
    assert!(event.data_raw().is_none());

    let made = Event::new("player.verify", PlayerVerify::new("2D2R-OP3C"));
    let read: Event<PlayerVerify> = serde_json::from_str(&serde_json::to_string(&made).unwrap()).unwrap();
    assert_eq!((&*read.event_type, read.data.player_id.as_str(), read.sandbox), ("player.verify", "2D2R-OP3C", false));

    let array = json!(["item.add", sent["event_data"]]);
    assert!(serde_json::from_value::<Event<ItemAdd>>(array).is_err());
    let twice = r#"{"event_type":"item.add","event_type":"item.add","event_data":{"player_id":"p","items":[]}}"#;
    assert!(serde_json::from_str::<Event<ItemAdd>>(twice).is_err());
}

#[test]
fn a_helper_needs_only_a_webhook_event() {
    let extra = fixtures::envelope("order.paid", Kind::Extra).to_string();
    let (order, json) = through_a_queue::<AnyOrder>(&extra).unwrap();
    assert_eq!((&*order.data.id, &json["event_data"]["added_later"]), ("ord_eRhYXfPqWnc", &Value::Null));
    // The untyped payload keeps fields that have no type.
    let (_, json) = through_a_queue::<RawEvent>(&extra).unwrap();
    assert_eq!(json["event_data"]["added_later"]["by"], "aghanim");

    let joined = r#"{"event_type":"guild.joined","event_data":{"guild_id":"owls","level":3}}"#;
    let (event, json) = through_a_queue::<GuildJoined>(joined).unwrap();
    assert_eq!((&*event.data.guild_id, &json["event_data"]), ("owls", &json!({"guild_id": "owls"})));
    assert!(matches!(AnyEvent::from_slice(joined.as_bytes()), Ok(AnyEvent::Raw(_))));

    // A payload without `Serialize` is written as it was sent.
    let (event, json) = through_a_queue::<GuildLeft>(&joined.replace("joined", "left")).unwrap();
    assert_eq!((&*event.data.guild_id, &json["event_data"]), ("owls", &json!({"guild_id": "owls", "level": 3})));
    let made = Event::new("guild.left", GuildLeft { guild_id: "owls".to_owned() });
    let error = made.to_json().unwrap_err().to_string();
    assert!(error.contains("GuildLeft` can't be written as JSON: add `#[derive(serde::Serialize)]` to it"), "{error}");
}

#[test]
fn an_error_names_the_field_or_the_event() {
    let error = |json: &str| Event::<ItemAdd>::from_slice(json.as_bytes()).unwrap_err().to_string();
    let missing = error(r#"{"event_type":"item.add","event_data":{"items":[]}}"#);
    assert!(missing.contains("`event_data`: missing field `player_id`"), "{missing}");
    let other = error(r#"{"event_type":"item.remove","event_data":{"player_id":"p","items":[]}}"#);
    assert_eq!(other, "`item.remove` does not have this payload, which belongs to `item.add`");
    assert!(Event::<RawEvent>::from_slice(b"\xff").is_err());
    assert!(AnyEvent::from_slice(br#"{"event_type":"item.add","event_data":{}}"#).is_err());
}

#[webhook("*")]
async fn any(State(game): State<Game>, event: AnyEvent) {
    let json = event.to_json().unwrap();
    let raw: Event<RawEvent> = serde_json::from_str(&json).unwrap();
    game.see(&Event::<RawEvent>::from_slice(json.as_bytes()).unwrap()).unwrap();
    assert_eq!(raw.event_type, event.event_type());
}

#[tokio::test]
async fn a_handler_takes_any_event() {
    let backend = Backend::with(Game::default(), webhooks![any], |hooks| hooks).await;
    for event in CATALOGUE {
        let sent = fixtures::envelope(event.name, Kind::Full);
        assert_eq!(backend.send(sent.to_string()).await.status, 200, "{}", event.name);
        let [seen] = backend.game.seen().try_into().expect("one handler, once");
        assert_eq!(seen.data, sent["event_data"], "{}", event.name);
    }
    let own = json!({"event_type": "guild.joined", "event_data": {"guild_id": "owls"}});
    assert_eq!(backend.send(own.to_string()).await.status, 200);
    // A known event without a required field is refused, as it is by a handler of its payload.
    let broken = json!({"event_type": "item.add", "event_data": {}});
    assert_eq!(backend.send(broken.to_string()).await.status, 400);
}
