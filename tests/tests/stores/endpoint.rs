//! What a sender sees: the same events, sent again, to an endpoint on each store. On `memory` the handler runs under a
//! lease, on the databases in a transaction.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::idempotency::{IdempotencyStore, KeyReuse, Postgres, PostgresStore, Sqlite, Tx};
use aghanim_hooks::{Event, Handlers, Rejection, Secret, Webhooks, webhook, webhooks};
use aghanim_hooks_tests::{Request, Response, Server, signed};
use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::post;
use sqlx::Executor as _;
use sqlx::postgres::PgPoolOptions;
use tokio::time::{sleep, timeout};

use crate::fixture::{Backend, Fixture};

crate::suite!(memory, sqlite, postgres => [
    a_duplicate_gets_the_same_bytes,
    duplicates_in_flight_wait_for_the_first,
    after_a_panic_it_is_tried_again,
    after_a_failure_it_is_tried_again,
    a_final_refusal_is_an_answer,
    an_extractor_that_refuses_decides_nothing,
    too_slow_is_undone_and_tried_again,
    a_client_that_hangs_up_leaves_nothing_half_done,
    without_a_key_every_delivery_counts,
    a_key_can_be_required,
    other_data_under_the_same_key,
    a_duplicate_that_does_not_parse_is_answered_all_the_same,
    a_sandbox_event_does_not_stand_in_for_a_live_one,
    a_store_that_is_gone_is_a_503,
]);

const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";

/// What the handlers know, and what they have done.
#[derive(Clone, Default)]
struct Game(Arc<Done>);

#[derive(Default)]
struct Done {
    runs: AtomicUsize,
    /// Of the handler without a transaction, which can't be undone.
    effects: AtomicUsize,
}

/// Where a handler writes.
trait Inventory: Send + 'static {
    fn grant(&mut self) -> impl Future<Output = Result<(), Rejection>> + Send;
}

impl Inventory for Tx<Sqlite> {
    async fn grant(&mut self) -> Result<(), Rejection> {
        self.execute("INSERT INTO effects VALUES ('granted')").await?;
        Ok(())
    }
}

impl Inventory for Tx<Postgres> {
    async fn grant(&mut self) -> Result<(), Rejection> {
        self.execute("INSERT INTO effects VALUES ('granted')").await?;
        Ok(())
    }
}

/// What a game without a database writes to.
struct Elsewhere(Game);

impl Inventory for Elsewhere {
    async fn grant(&mut self) -> Result<(), Rejection> {
        self.0.0.effects.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

impl FromRequestParts<Game> for Elsewhere {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(_: &mut Parts, game: &Game) -> Result<Self, Self::Rejection> {
        Ok(Self(game.clone()))
    }
}

/// Refuses who says so in a header.
struct Admitted;

impl FromRequestParts<Game> for Admitted {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &Game) -> Result<Self, StatusCode> {
        if parts.headers.contains_key("x-refuse") { Err(StatusCode::FORBIDDEN) } else { Ok(Self) }
    }
}

/// Does what the player's name says, the first time.
async fn grant(game: Game, mut inventory: impl Inventory, event: Event<ItemAdd>) -> Result<(), Rejection> {
    let run = game.0.runs.fetch_add(1, Ordering::SeqCst);
    let player = event.data.player_id.as_str();
    match player {
        "slow" if run == 0 => {
            inventory.grant().await?;
            sleep(Duration::from_secs(30)).await;
        }
        "takes-its-time" => sleep(Duration::from_millis(300)).await,
        _ => {}
    }
    inventory.grant().await?;
    match player {
        "panics" if run == 0 => panic!("the handler's own bug"),
        "fails" if run == 0 => Err(Rejection::internal("out of luck")),
        "declined" => Err(Rejection::declined("not today")),
        "keeps" if run == 0 => {
            tokio::spawn(async move {
                sleep(Duration::from_millis(300)).await;
                drop(inventory);
            });
            Ok(())
        }
        _ => Ok(()),
    }
}

macro_rules! handler {
    ($name:ident, $inventory:ty) => {
        #[webhook("item.add")]
        async fn $name(
            game: axum::extract::State<Game>,
            inventory: $inventory,
            _: Admitted,
            event: Event<ItemAdd>,
        ) -> Result<(), Rejection> {
            grant(game.0, inventory, event).await
        }
    };
}

/// Another name for a `Tx` is a `Tx`.
type Ours<Db> = Tx<Db>;

handler!(grant_elsewhere, Elsewhere);
handler!(grant_in_sqlite, Ours<Sqlite>);
handler!(grant_in_postgres, Tx<Postgres>);

/// An endpoint on a fixture's store.
struct Endpoint {
    game: Game,
    server: Server,
    fixture: Fixture,
}

impl Endpoint {
    async fn start(fixture: Fixture) -> Self {
        Self::with(fixture, |hooks| hooks).await
    }

    async fn with(fixture: Fixture, configure: impl FnOnce(Webhooks<Game>) -> Webhooks<Game>) -> Self {
        let store = fixture.one.clone();
        Self::on(fixture, store, configure).await
    }

    async fn on(
        fixture: Fixture,
        store: impl IdempotencyStore,
        configure: impl FnOnce(Webhooks<Game>) -> Webhooks<Game>,
    ) -> Self {
        let handlers: Handlers<Game> = match fixture.backend {
            Backend::Memory => webhooks![grant_elsewhere],
            Backend::Sqlite { .. } => webhooks![grant_in_sqlite],
            Backend::Postgres { .. } => webhooks![grant_in_postgres],
        };
        let hooks = configure(Webhooks::new(Secret::new(SECRET).unwrap(), handlers).idempotency(store));
        let game = Game::default();
        let router = Router::new().route("/webhook", post(hooks)).with_state(game.clone());
        Self { game, server: Server::start(router).await.unwrap(), fixture }
    }

    fn address(&self) -> SocketAddr {
        self.server.address()
    }

    async fn send(&self, request: &Request) -> Response {
        request.send(self.address()).await.unwrap()
    }

    async fn ask(&self, player: &str, key: &str) -> Response {
        self.send(&event(player, key)).await
    }

    fn runs(&self) -> usize {
        self.game.0.runs.load(Ordering::SeqCst)
    }

    async fn effects(&self) -> usize {
        match self.fixture.backend {
            Backend::Memory => self.game.0.effects.load(Ordering::SeqCst),
            _ => usize::try_from(self.fixture.effects().await).unwrap(),
        }
    }

    fn in_transaction(&self) -> bool {
        !matches!(self.fixture.backend, Backend::Memory)
    }
}

fn body(player: &str, rest: &str) -> String {
    format!(r#"{{"event_type":"item.add","event_data":{{"player_id":"{player}","items":[]}}{rest}}}"#)
}

fn event(player: &str, key: &str) -> Request {
    request(&body(player, &format!(r#","idempotency_key":"{key}""#)))
}

fn request(body: &str) -> Request {
    signed(&Secret::new(SECRET).unwrap(), body)
}

async fn a_duplicate_gets_the_same_bytes(fixture: Fixture) {
    let endpoint = Endpoint::start(fixture).await;
    let first = endpoint.ask("p", "k").await;
    assert_eq!((first.status, &first.body[..]), (200, &br#"{"status":"ok"}"#[..]));
    assert_eq!(endpoint.ask("p", "k").await, first, "headers included");
    assert_eq!((endpoint.runs(), endpoint.effects().await), (1, 1));
    assert_eq!(endpoint.ask("p", "another").await, first);
    assert_eq!((endpoint.runs(), endpoint.effects().await), (2, 2));
}

async fn duplicates_in_flight_wait_for_the_first(fixture: Fixture) {
    let endpoint = Arc::new(Endpoint::start(fixture).await);
    let tasks: Vec<_> = (0..32)
        .map(|_| {
            let endpoint = endpoint.clone();
            tokio::spawn(async move { endpoint.ask("takes-its-time", "k").await })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    assert_eq!(answers[0].status, 200);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!((endpoint.runs(), endpoint.effects().await), (1, 1));
}

async fn after_a_panic_it_is_tried_again(fixture: Fixture) {
    let endpoint = Endpoint::start(fixture).await;
    let answer = endpoint.ask("panics", "k").await;
    assert_eq!(answer.status, 500);
    assert_eq!(answer.json()["code"], "internal_error");
    assert_eq!(endpoint.ask("panics", "k").await.status, 200);
    assert_eq!(endpoint.runs(), 2);
    assert_eq!(endpoint.effects().await, if endpoint.in_transaction() { 1 } else { 2 });
}

async fn after_a_failure_it_is_tried_again(fixture: Fixture) {
    let endpoint = Endpoint::start(fixture).await;
    assert_eq!(endpoint.ask("fails", "k").await.status, 500);
    let second = endpoint.ask("fails", "k").await;
    assert_eq!(second.status, 200);
    assert_eq!(endpoint.ask("fails", "k").await, second);
    assert_eq!(endpoint.runs(), 2);
    assert_eq!(endpoint.effects().await, if endpoint.in_transaction() { 1 } else { 2 });
}

async fn a_final_refusal_is_an_answer(fixture: Fixture) {
    let endpoint = Endpoint::start(fixture).await;
    let first = endpoint.ask("declined", "k").await;
    assert_eq!((first.status, first.json()["code"].as_str()), (400, Some("declined")));
    assert_eq!(endpoint.ask("declined", "k").await, first);
    assert_eq!(endpoint.runs(), 1);
    assert_eq!(endpoint.effects().await, usize::from(!endpoint.in_transaction()), "what it wrote is undone");
}

async fn an_extractor_that_refuses_decides_nothing(fixture: Fixture) {
    let endpoint = Endpoint::start(fixture).await;
    let refused = event("p", "k").header("X-Refuse", "1");
    assert_eq!(endpoint.send(&refused).await.status, 403);
    assert_eq!(endpoint.ask("p", "k").await.status, 200);
    // Once answered, a duplicate does not get as far as the extractor.
    assert_eq!(endpoint.send(&refused).await.status, 200);
    assert_eq!((endpoint.runs(), endpoint.effects().await), (1, 1));
}

async fn too_slow_is_undone_and_tried_again(fixture: Fixture) {
    let endpoint = Endpoint::with(fixture, |hooks| hooks.timeout(Duration::from_millis(400))).await;
    let answer = endpoint.ask("slow", "k").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    assert_eq!(answer.json()["code"], "unavailable");
    assert_eq!(endpoint.ask("slow", "k").await.status, 200);
    assert_eq!(endpoint.runs(), 2);
    assert_eq!(endpoint.effects().await, if endpoint.in_transaction() { 1 } else { 2 });
}

async fn a_client_that_hangs_up_leaves_nothing_half_done(fixture: Fixture) {
    let endpoint = Endpoint::start(fixture).await;
    // Hangs up while the handler sleeps.
    let sent = timeout(Duration::from_millis(100), event("takes-its-time", "k").send(endpoint.address())).await;
    assert!(sent.is_err(), "the handler was faster");
    sleep(Duration::from_millis(500)).await;
    let expected = usize::from(!endpoint.in_transaction());
    assert_eq!(endpoint.effects().await, expected, "undone with its transaction, or done to the end without one");
    assert_eq!(endpoint.ask("takes-its-time", "k").await.status, 200);
    assert_eq!(endpoint.effects().await, 1);
}

async fn without_a_key_every_delivery_counts(fixture: Fixture) {
    let endpoint = Endpoint::start(fixture).await;
    for rest in ["", r#","idempotency_key":null"#, r#","idempotency_key":"""#] {
        assert_eq!(endpoint.send(&request(&body("p", rest))).await.status, 200, "{rest}");
    }
    assert_eq!((endpoint.runs(), endpoint.effects().await), (3, 3));
    let declined = endpoint.send(&request(&body("declined", ""))).await;
    assert_eq!((declined.status, declined.json()["code"].as_str()), (400, Some("declined")));
    assert_eq!(endpoint.effects().await, if endpoint.in_transaction() { 3 } else { 4 });
}

async fn a_key_can_be_required(fixture: Fixture) {
    let endpoint = Endpoint::with(fixture, |hooks| hooks.require_key("item.*")).await;
    for rest in ["", r#","idempotency_key":null"#, r#","idempotency_key":"""#] {
        let answer = endpoint.send(&request(&body("p", rest))).await;
        assert_eq!(answer.status, 400, "{rest}");
        assert!(answer.json()["message"].as_str().unwrap().contains("`idempotency_key`"));
    }
    assert_eq!(endpoint.runs(), 0);
    assert_eq!(endpoint.ask("p", "k").await.status, 200);
}

async fn other_data_under_the_same_key(fixture: Fixture) {
    let second = fixture.other.clone();
    let endpoint = Endpoint::start(fixture).await;
    let first = endpoint.ask("p", "k").await;
    assert_eq!(endpoint.ask("other", "k").await, first);
    let fixture = endpoint.fixture;
    let strict = Endpoint::on(fixture, second, |hooks| hooks.key_reuse(KeyReuse::Refuse)).await;
    let refused = strict.ask("other", "k").await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (409, Some("idempotency_key_reused")));
    assert_eq!(strict.ask("p", "k").await, first, "the same data is a duplicate");
    assert_eq!(strict.runs(), 0);
}

/// The payload's type has become stricter since, and `items` must be there.
async fn a_duplicate_that_does_not_parse_is_answered_all_the_same(fixture: Fixture) {
    let endpoint = Endpoint::start(fixture).await;
    let malformed = request(r#"{"event_type":"item.add","event_data":{"player_id":7},"idempotency_key":"k"}"#);
    assert_eq!(endpoint.send(&malformed).await.status, 400);
    let first = endpoint.ask("p", "k").await;
    assert_eq!(endpoint.send(&malformed).await, first);
}

async fn a_sandbox_event_does_not_stand_in_for_a_live_one(fixture: Fixture) {
    let endpoint = Endpoint::start(fixture).await;
    for rest in [
        r#","idempotency_key":"k","sandbox":true"#,
        r#","idempotency_key":"k","sandbox":false"#,
        r#","idempotency_key":"k""#,
        r#","idempotency_key":"k","game_id":"gm_1""#,
    ] {
        assert_eq!(endpoint.send(&request(&body("p", rest))).await.status, 200);
    }
    assert_eq!(endpoint.effects().await, 3, "an absent `sandbox` is false");
}

async fn a_store_that_is_gone_is_a_503(fixture: Fixture) {
    let endpoint = Endpoint::with(fixture, |hooks| hooks.timeout(Duration::from_secs(3))).await;
    if !endpoint.in_transaction() {
        return;
    }
    endpoint.fixture.execute("ALTER TABLE aghanim_idempotency RENAME TO elsewhere").await;
    let answer = endpoint.ask("p", "k").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    let said = String::from_utf8(answer.body).unwrap();
    assert!(!said.contains("aghanim"), "nothing of the inside is told: {said}");
    endpoint.fixture.execute("ALTER TABLE elsewhere RENAME TO aghanim_idempotency").await;
    assert_eq!(endpoint.ask("p", "k").await.status, 200);
    assert_eq!(endpoint.effects().await, 1);
}

mod in_transaction {
    use super::*;

    crate::suite!(sqlite, postgres => [
        a_handler_that_keeps_its_transaction_gets_no_answer,
        others_go_on_while_one_fails,
    ]);

    async fn a_handler_that_keeps_its_transaction_gets_no_answer(fixture: Fixture) {
        let endpoint = Endpoint::start(fixture).await;
        assert_eq!(endpoint.ask("keeps", "k").await.status, 503);
        assert_eq!(endpoint.ask("keeps", "k").await.status, 200);
        assert_eq!((endpoint.runs(), endpoint.effects().await), (2, 1));
    }

    async fn others_go_on_while_one_fails(fixture: Fixture) {
        let endpoint = Arc::new(Endpoint::start(fixture).await);
        let tasks: Vec<_> = (0..40)
            .map(|i| {
                let endpoint = endpoint.clone();
                let player = if i % 4 == 0 { "declined" } else { "p" };
                tokio::spawn(async move { endpoint.ask(player, &format!("k{i}")).await.status })
            })
            .collect();
        for (i, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await.unwrap(), if i % 4 == 0 { 400 } else { 200 });
        }
        assert_eq!(endpoint.effects().await, 30);
    }
}

/// Thirty-two duplicates need no more than one connection, and when there is none for another key, that waits its time
/// and is told to come again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn duplicates_share_a_connection_and_an_exhausted_pool_is_a_503() {
    let Some(fixture) = crate::fixture::postgres().await else { return };
    let Backend::Postgres { database, .. } = &fixture.backend else { unreachable!() };
    let pool = PgPoolOptions::new().max_connections(1).connect(database.url()).await.unwrap();
    let store = PostgresStore::options().pool(pool.clone()).await.unwrap();
    let endpoint = Arc::new(Endpoint::on(fixture, store, |hooks| hooks.timeout(Duration::from_secs(1))).await);
    let tasks: Vec<_> = (0..32)
        .map(|_| {
            let endpoint = endpoint.clone();
            tokio::spawn(async move { endpoint.ask("takes-its-time", "k").await.status })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), 200);
    }
    let taken = pool.acquire().await.unwrap();
    let answer = timeout(Duration::from_secs(3), endpoint.ask("p", "another")).await.expect("it does not hang");
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    drop(taken);
    assert_eq!(endpoint.ask("p", "another").await.status, 200);
}

/// A body that trickles in does not hold a connection for ever.
#[tokio::test]
async fn a_body_that_does_not_come_is_a_408() {
    let fixture = crate::fixture::memory().await.unwrap();
    let endpoint = Endpoint::with(fixture, |hooks| hooks.timeout(Duration::from_millis(200))).await;
    let announced = event("p", "k").wire_body("{");
    let answer = timeout(Duration::from_secs(5), endpoint.send(&announced)).await.expect("it does not wait for ever");
    assert_eq!((answer.status, answer.json()["code"].as_str()), (408, Some("request_timeout")));
    assert_eq!(endpoint.runs(), 0);
}

#[tokio::test]
async fn a_panic_is_answered_without_a_store_too() {
    #[webhook("item.add")]
    async fn panics(_event: ItemAdd) {
        panic!("the handler's own bug");
    }

    let hooks: Webhooks = Webhooks::new(Secret::new(SECRET).unwrap(), webhooks![panics]);
    let server = Server::start(Router::new().route("/webhook", post(hooks))).await.unwrap();
    let answer = event("p", "k").send(server.address()).await.unwrap();
    assert_eq!((answer.status, answer.json()["code"].as_str()), (500, Some("internal_error")));
}
