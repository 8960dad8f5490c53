//! Events are relayed to NATS `JetStream`, for teams whose other services listen there.
//!
//! Run `nats-server -js`, then `cargo run -p aghanim-hooks-nats`, and paste the command that it prints. The stream
//! `AGHANIM` gets each `order.*` event on the subject `aghanim.order.paid` and the like.
//!
//! An event is acknowledged once it is a job in the database. The worker publishes it afterwards: NATS may be down for
//! hours, and no event is lost or refused. A handler without `later` must not publish, because the database and NATS have
//! no common commit: after a failure between the two, one of them would have an event that the other does not have.
//!
//! A job may be worked twice, for example if the worker is killed after it has published and before the job is completed.
//! The message's id is made of the idempotency key, or of the event's id if it has no key. So `JetStream` drops the second
//! message if it comes within the stream's duplicate window. The window is chosen longer than all attempts of a job together.
//! An event that has neither may be published twice.

use std::time::Duration;

use aghanim_hooks::idempotency::SqliteStore;
use aghanim_hooks::{Event, RawEvent, Rejection, Webhooks, webhook, webhooks};
use aghanim_hooks_examples::{curl, listen, log, secret, serve};
use aghanim_hooks_river::{Backoff, River};
use aghanim_hooks_serve::told_to_stop;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{self, stream};
use axum::extract::State;
use axum::{Router, routing::post};
use clap::{Parser, ValueEnum};

#[derive(Parser)]
struct Arguments {
    /// The NATS server
    #[arg(long, default_value = "nats://127.0.0.1:4222")]
    nats: String,
    /// The SQLite file of keys and jobs
    #[arg(long, default_value = "nats.db")]
    database: String,
    /// The part that this process plays
    #[arg(long, value_enum, default_value_t = Role::Both)]
    role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Role {
    /// Acknowledges events and keeps them as jobs
    Receive,
    /// Publishes the jobs
    Work,
    Both,
}

/// With pauses of at most a minute, all attempts end within six hours.
const ATTEMPTS: u32 = 360;

/// Longer than all attempts of a job. `JetStream` keeps the ids of this time in memory.
const DUPLICATE_WINDOW: Duration = Duration::from_hours(8);

/// Publishes an event. Called by the worker.
#[webhook("order.*", later(timeout = "10s"))]
async fn relay(State(nats): State<jetstream::Context>, event: Event<RawEvent>) -> Result<(), Rejection> {
    let subject = format!("aghanim.{}", event.event_type);
    let mut message = PublishMessage::build().payload(event.to_json()?.into());
    if let Some(id) = message_id(&event) {
        message = message.message_id(id);
    }
    // The second wait is for the server's word that the message is on its disk.
    let stored = nats.send_publish(subject.clone(), message).await?.await?;
    tracing::info!(subject, sequence = stored.sequence, duplicate = stored.duplicate, "published");
    Ok(())
}

/// One id for all deliveries and attempts of an event. A key is unique per game, environment and event type.
///
/// `None` if nothing tells the event from others: with a common id, `JetStream` would drop all but the first.
fn message_id(event: &Event<RawEvent>) -> Option<String> {
    let key = event.idempotency_key.as_ref().or(event.id.as_ref())?;
    let game = event.game_id.as_deref().unwrap_or_default();
    // Escaped, because a header must not have line breaks.
    Some(format!("{game}/{}/{}/{key}", event.sandbox, event.event_type).escape_default().to_string())
}

/// Creates the stream if it is missing. A worker that starts before NATS waits for it.
async fn create_stream(nats: &jetstream::Context) {
    let config = stream::Config {
        name: "AGHANIM".to_owned(),
        subjects: vec!["aghanim.>".to_owned()],
        duplicate_window: DUPLICATE_WINDOW,
        ..stream::Config::default()
    };
    while let Err(error) = nats.get_or_create_stream(config.clone()).await {
        tracing::warn!(%error, "there is no stream yet");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { nats, database, role } = Arguments::parse();
    log();
    let secret = secret()?;
    // Connects in the background, so that a receiver works without NATS.
    let nats = jetstream::new(async_nats::ConnectOptions::new().retry_on_initial_connect().connect(&nats).await?);
    let river = River::open(&database)
        .await?
        .attempts(ATTEMPTS)
        .backoff(Backoff { first: Duration::from_secs(1), longest: Duration::from_mins(1) });
    let hooks =
        Webhooks::new(secret.clone(), webhooks![relay]).idempotency(SqliteStore::open(&database).await?).later(river);

    let worker = async {
        if role == Role::Receive {
            return Ok(());
        }
        create_stream(&nats).await;
        let worker = hooks.worker_with(nats.clone()).start().await?;
        println!("publishing until Ctrl-C");
        told_to_stop().await;
        worker.stop().await?;
        anyhow::Ok(())
    };
    let receiver = async {
        if role == Role::Work {
            return Ok(());
        }
        let listener = listen().await?;
        let order = r#"{"id":"ord_1","amount":499,"currency":"USD","created_at":1714147080,"player_id":"2D2R-OP3C","items":[]}"#;
        println!("\n{}", curl(&secret, &listener, "order.paid", order));
        let router = Router::new().route("/webhook", post(hooks.clone())).with_state(nats.clone());
        serve(listener, router).await?;
        anyhow::Ok(())
    };
    let (worked, received) = tokio::join!(worker, receiver);
    worked.and(received)
}
