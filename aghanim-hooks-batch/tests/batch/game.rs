//! A game whose handlers note their events, and files to give it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aghanim_hooks::events::{ItemAdd, Player, PlayerVerify};
use aghanim_hooks::observer::{Observer, Report as Delivery};
use aghanim_hooks::{Rejection, Secret, WebhookEvent, Webhooks, webhook, webhooks};
use aghanim_hooks_batch::{Batch, BatchError, Report};
use async_compression::tokio::write::GzipEncoder;
use axum::extract::State;
use serde::Deserialize;
use tokio::io::AsyncWriteExt;

/// The notes of the handlers, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Game(Arc<Mutex<Vec<String>>>);

impl Game {
    fn note(&self, text: impl Into<String>) {
        self.0.lock().unwrap().push(text.into());
    }

    pub(crate) fn seen(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

#[derive(Debug, Deserialize, WebhookEvent)]
#[event("quest.done")]
pub(crate) struct QuestDone {
    id: String,
    #[serde(default)]
    wait: u64,
}

#[webhook("quest.done")]
async fn done(State(game): State<Game>, quest: QuestDone) -> Result<(), Rejection> {
    tokio::time::sleep(Duration::from_millis(quest.wait)).await;
    game.note(&quest.id);
    match quest.id.as_str() {
        "refused" => Err(Rejection::deny("declined", "no such quest")),
        "broken" => Err(std::io::Error::other("the database burns").into()),
        "later" => Err(Rejection::unavailable(Duration::from_secs(1))),
        "panic" => panic!("on purpose"),
        _ => Ok(()),
    }
}

#[webhook("item.add")]
async fn grant(State(game): State<Game>, event: ItemAdd) {
    game.note(format!("granted to {}", event.player_id));
}

#[webhook("player.verify")]
async fn verify(State(game): State<Game>, event: PlayerVerify) -> Player {
    game.note(format!("verified {}", event.player_id));
    Player::builder().player_id(event.player_id).name("Aria").build()
}

pub(crate) fn hooks() -> Webhooks<Game> {
    Webhooks::new(Secret::new("whsec_4f1c9d0a77b2e8d6").unwrap(), webhooks![done, grant, verify])
}

/// Runs a file, and returns the notes of the handlers too.
pub(crate) async fn run(file: impl AsRef<[u8]>) -> (Result<Report, BatchError>, Vec<String>) {
    run_at(&hooks(), file).await
}

pub(crate) async fn run_at(
    hooks: &Webhooks<Game>,
    file: impl AsRef<[u8]>,
) -> (Result<Report, BatchError>, Vec<String>) {
    let game = Game::default();
    let batch = Batch::new(hooks, game.clone()).unwrap().patience(Duration::ZERO);
    (batch.run(file.as_ref()).await, game.seen())
}

pub(crate) fn event(id: &str) -> String {
    format!(
        r#"{{"event_id":"whevt_{id}","event_type":"quest.done","idempotency_key":"key {id}","event_data":{{"id":"{id}"}}}}"#
    )
}

pub(crate) fn lines<'a>(ids: impl IntoIterator<Item = &'a str>) -> String {
    ids.into_iter().map(|id| event(id) + "\n").collect()
}

pub(crate) async fn gzip(text: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzipEncoder::new(Vec::new());
    encoder.write_all(text.as_ref()).await.unwrap();
    encoder.shutdown().await.unwrap();
    encoder.into_inner()
}

/// Notes each report: the event, its id, the outcome, and `true` if it has a body.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watcher(Arc<Mutex<Vec<String>>>);

impl Watcher {
    pub(crate) fn seen(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Observer for Watcher {
    fn delivery(&self, report: &Delivery<'_>) {
        assert!(report.secret.is_none() && report.signature_age.is_none(), "a line has no signature");
        assert!(report.times.body.is_none() && report.times.verify.is_none());
        let text = format!("{} {} {} {}", report.event, report.event_id, report.outcome, report.body_bytes > 0);
        self.0.lock().unwrap().push(text);
    }
}
