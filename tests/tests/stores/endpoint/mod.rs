//! The endpoint on each store, from the sender's side. On `memory` the handler runs under a lease, on the
//! databases in a transaction.

mod in_transaction;
mod not_now;
mod sent_again;
mod under_a_lease;
mod without_a_store;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::idempotency::{IdempotencyStore, Postgres, Sqlite, Tx};
use aghanim_hooks::{Event, Handlers, Rejection, Secret, Webhooks, webhook, webhooks};
use aghanim_hooks_tests::{Request, Response, Server, signed};
use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::post;
use sqlx::Executor as _;
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::fixture::{Backend, Fixture};

const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";

/// The state of the handlers, and a record of their effects.
#[derive(Clone, Default)]
struct Game(Arc<Done>);

#[derive(Default)]
struct Done {
    runs: AtomicUsize,
    /// The effects of the handler without a transaction, which can't be undone.
    effects: AtomicUsize,
    /// Lets a handler go on that waits.
    go_on: Notify,
}

/// The inventory that a handler writes to.
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

/// The inventory of a game without a database.
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
        "waits" => game.0.go_on.notified().await,
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
