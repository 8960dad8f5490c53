//! Live and sandbox events, kept apart by the endpoint or by the handler.

use aghanim_hooks::events::catalogue::CATALOGUE;
use aghanim_hooks::events::{AnyOrder, ItemAdd, ItemRemove, PlayerVerify};
use aghanim_hooks::{Environment, Event, Otherwise, RawEvent, Rejection, webhook, webhooks};
use aghanim_hooks_tests::fixtures::{self, Kind};
use axum::extract::State;
use serde_json::{Value, json};

use crate::backend::{Backend, Game, handlers};

fn sent_from(event: &str, sandbox: impl Into<Value>) -> String {
    let mut envelope = fixtures::envelope(event, Kind::Full);
    envelope["sandbox"] = sandbox.into();
    envelope.to_string()
}

fn refusal(only: &str, came_from: &str) -> Value {
    let message = format!("Only {only} events are taken here; this is a {came_from} event");
    json!({"status": "error", "code": "wrong_environment", "message": message})
}

#[tokio::test]
async fn a_live_endpoint_refuses_what_the_sandbox_sends() {
    let backend =
        Backend::with(Game::default(), handlers(), |hooks| hooks.only(Environment::Live, Otherwise::Refuse)).await;
    for event in CATALOGUE {
        let answer = backend.send(sent_from(event.name, true)).await;
        let in_body = ["player.lookup", "player.update"].contains(&event.name);
        assert_eq!(answer.status, if in_body { 200 } else { 400 }, "{}", event.name);
        assert_eq!(answer.json(), refusal("live", "sandbox"), "{}", event.name);
        assert!(backend.game.seen().is_empty(), "{}: no handler was asked", event.name);

        for live in [Value::Bool(false), Value::Null] {
            assert_eq!(backend.send(sent_from(event.name, live)).await.status, 200, "{}", event.name);
            assert_eq!(backend.game.seen().len(), 1, "{}", event.name);
        }
        // The oldest samples don't say.
        assert_eq!(
            backend.send(fixtures::envelope(event.name, Kind::Minimal).to_string()).await.status,
            200,
            "{}",
            event.name
        );
        assert_eq!(backend.game.seen().len(), 1, "{}", event.name);
    }
}

#[tokio::test]
async fn a_sandbox_endpoint_refuses_what_is_live() {
    let backend =
        Backend::with(Game::default(), handlers(), |hooks| hooks.only(Environment::Sandbox, Otherwise::Refuse)).await;
    let answer = backend.send(sent_from("item.add", false)).await;
    assert_eq!((answer.status, answer.json()), (400, refusal("sandbox", "live")));
    assert!(backend.game.seen().is_empty());
    assert_eq!(backend.send(sent_from("item.add", true)).await.status, 200);
    assert_eq!(backend.game.seen().len(), 1);
}

#[tokio::test]
async fn what_asks_for_an_answer_is_not_acknowledged() {
    let backend =
        Backend::with(Game::default(), handlers(), |hooks| hooks.only(Environment::Live, Otherwise::Acknowledge)).await;
    for event in CATALOGUE {
        let answer = backend.send(sent_from(event.name, true)).await;
        let (status, body) = match event.name {
            "player.verify" | "store.get" => (400, refusal("live", "sandbox")),
            "player.lookup" => (200, refusal("live", "sandbox")),
            _ => (200, json!({"status": "ok"})),
        };
        assert_eq!((answer.status, answer.json()), (status, body), "{}", event.name);
        assert!(backend.game.seen().is_empty(), "{}: no handler was asked", event.name);
    }
}

#[webhook("item.add", only = "live")]
async fn grant(State(game): State<Game>, event: Event<ItemAdd>) -> Result<(), Rejection> {
    game.see(&event)
}

#[webhook("item.remove", only = "sandbox")]
async fn take(State(game): State<Game>, event: Event<ItemRemove>) -> Result<(), Rejection> {
    game.see(&event)
}

#[webhook("order.*", only = "live", otherwise = "acknowledge")]
async fn count(State(game): State<Game>, event: Event<AnyOrder>) -> Result<(), Rejection> {
    game.see(&event)
}

#[webhook("player.verify", otherwise = "acknowledge", only = "live")]
async fn verify(_event: PlayerVerify) -> Result<aghanim_hooks::events::Player, Rejection> {
    Err(Rejection::deny("not_found", "nobody is here"))
}

/// Has no limit of its own.
#[webhook("*")]
async fn rest(State(game): State<Game>, event: Event<RawEvent>) -> Result<(), Rejection> {
    game.see(&event)
}

#[tokio::test]
async fn each_handler_has_its_own_limit() {
    let handlers = webhooks![grant, take, count, verify, rest];
    let backend = Backend::with(Game::default(), handlers, |hooks| hooks).await;
    let ok = || json!({"status": "ok"});
    for (event, sandbox, status, body, asked) in [
        ("item.add", false, 200, ok(), true),
        ("item.add", true, 400, refusal("live", "sandbox"), false),
        ("item.remove", true, 200, ok(), true),
        ("item.remove", false, 400, refusal("sandbox", "live"), false),
        ("order.paid", false, 200, ok(), true),
        ("order.paid", true, 200, ok(), false),
        ("player.verify", true, 400, refusal("live", "sandbox"), false),
        ("payment.succeeded", true, 200, ok(), true),
        ("payment.succeeded", false, 200, ok(), true),
    ] {
        let answer = backend.send(sent_from(event, sandbox)).await;
        assert_eq!((answer.status, answer.json()), (status, body), "{event}, sandbox {sandbox}");
        assert_eq!(backend.game.seen().len(), usize::from(asked), "{event}, sandbox {sandbox}");
    }
}

#[tokio::test]
async fn an_event_has_to_pass_the_endpoint_and_the_handler() {
    let handlers = webhooks![grant, take, rest];
    let backend =
        Backend::with(Game::default(), handlers, |hooks| hooks.only(Environment::Live, Otherwise::Refuse)).await;
    for (event, sandbox, status) in
        [("item.add", false, 200), ("item.add", true, 400), ("item.remove", false, 400), ("item.remove", true, 400)]
    {
        let answer = backend.send(sent_from(event, sandbox)).await;
        assert_eq!(answer.status, status, "{event}, sandbox {sandbox}: {}", answer.json());
    }
}
