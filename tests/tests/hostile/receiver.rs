//! A receiver on a real socket that counts what reaches its handlers.

use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aghanim_hooks::events::{ItemAdd, Player, PlayerVerify};
use aghanim_hooks::{Handlers, Rejection, Secret, Webhooks, webhook, webhooks};
use aghanim_hooks_tests::{Request, Response, Server, signed};
use axum::extract::State;
use axum::{Router, routing::post};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

pub(crate) const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";

/// The requests that reached a handler.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<AtomicUsize>);

#[webhook("player.verify")]
async fn verify(State(seen): State<Seen>, event: PlayerVerify) -> Result<Player, Rejection> {
    seen.0.fetch_add(1, Ordering::Relaxed);
    match event.player_id.as_str() {
        "nobody" => Err(Rejection::deny("not_found", "no such player")),
        "panic" => panic!("a bug near /etc/secrets in shop::db::Pool"),
        "fail" => Err(Rejection::internal("connection to postgres://db.internal:5432 refused")),
        _ => Ok(Player::builder().player_id(event.player_id).name("Beetle").build()),
    }
}

#[webhook("item.add")]
async fn grant(State(seen): State<Seen>, event: ItemAdd) -> Result<(), Rejection> {
    seen.0.fetch_add(1, Ordering::Relaxed);
    if event.player_id == "fail" { Err(Rejection::internal(format!("no row for {:?}", event.items))) } else { Ok(()) }
}

pub(crate) fn handlers() -> Handlers<Seen> {
    webhooks![verify, grant]
}

pub(crate) struct Receiver {
    pub(crate) server: Server,
    seen: Seen,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        Self::with(|hooks| hooks).await
    }

    pub(crate) async fn with(configure: impl FnOnce(Webhooks<Seen>) -> Webhooks<Seen>) -> Self {
        let seen = Seen::default();
        let hooks = configure(Webhooks::new(secret(), handlers()));
        let router = Router::new().route("/webhook", post(hooks)).with_state(seen.clone());
        Self { server: Server::start(router).await.unwrap(), seen }
    }

    pub(crate) async fn send(&self, request: &Request) -> Response {
        request.send(self.server.address()).await.unwrap()
    }

    /// Signs the body and sends it.
    pub(crate) async fn deliver(&self, body: impl AsRef<[u8]>) -> Response {
        self.send(&signed(&secret(), body)).await
    }

    /// How often a handler has run.
    pub(crate) fn runs(&self) -> usize {
        self.seen.0.load(Ordering::Relaxed)
    }
}

pub(crate) fn secret() -> Secret {
    Secret::new(SECRET).unwrap()
}

/// An `item.add` of one item, with these members beside type and data.
pub(crate) fn item_add(members: &str) -> String {
    format!(
        r#"{{"event_type":"item.add","event_data":{{"player_id":"p","items":[{{"id":"i","sku":"s","name":"n","quantity":1}}]}}{members}}}"#
    )
}

pub(crate) fn player_verify(player: &str) -> String {
    format!(r#"{{"event_type":"player.verify","event_data":{{"player_id":"{player}"}}}}"#)
}

/// Everything that this thread has logged. The runtime of a test has one thread, so this includes its server.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Records until the guard is dropped.
    pub(crate) fn record(filter: &str) -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(filter))
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        (log, subscriber.set_default())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
