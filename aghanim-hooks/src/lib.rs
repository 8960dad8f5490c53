//! Receive [Aghanim](https://aghanim.com)'s webhooks on axum: one typed function per event.
//!
//! Aghanim runs web shops for mobile games. It POSTs signed events to the game's server, and money depends on the answers.
//! This crate verifies the signature, routes by event type, refuses hostile input, takes each event once, and answers in
//! each event's own shape. You write one function per event:
//!
//! ```
//! # #[cfg(feature = "axum")] {
//! use aghanim_hooks::events::{ItemAdd, Player, PlayerVerify};
//! use aghanim_hooks::{Event, Rejection, Secret, Webhooks, webhook, webhooks};
//! use axum::extract::State;
//! use axum::{Router, routing::post};
//!
//! #[derive(Clone)]
//! struct Game;
//!
//! #[webhook("player.verify")]
//! async fn verify(State(_game): State<Game>, event: PlayerVerify) -> Result<Player, Rejection> {
//!     match event.player_id.as_str() {
//!         "2D2R-OP3C" => Ok(Player::builder().player_id(event.player_id).name("Beetle").build()),
//!         _ => Err(Rejection::deny("not_found", "no such player")),
//!     }
//! }
//!
//! #[webhook("item.add")]
//! async fn grant(event: Event<ItemAdd>) -> Result<(), Rejection> {
//!     println!("{} items for {}", event.data.items.len(), event.data.player_id);
//!     Ok(())
//! }
//!
//! fn app(secret: Secret, game: Game) -> Router {
//!     Router::new().route("/webhook", post(Webhooks::new(secret, webhooks![verify, grant]))).with_state(game)
//! }
//! # }
//! ```
//!
//! | To | see |
//! |---|---|
//! | write a handler: its parameters, patterns, what it returns | [`webhook`], [`Event`], [`Rejection`] |
//! | find an event's payload and answer | [`events`] |
//! | add an event type of your own | [`WebhookEvent`] |
//! | turn your errors into refusals | [`IntoRejection`] |
//! | set up the endpoint: secrets, limits, time, policies | [`Webhooks`] |
//! | take each event once | [`idempotency`] |
//! | write OpenAPI or AsyncAPI of the endpoint | `documents`, with the feature `schema` |
//! | serve the endpoint without axum's router | [`Webhooks::into_service`] |
//! | verify signatures without axum | [`signature`] |
//!
//! # Features
//!
//! | Feature | Brings |
//! |---|---|
//! | `axum` (default) | everything except [`signature`], which needs no feature |
//! | `memory` (default) | `idempotency::MemoryStore`, for development |
//! | `sqlite` | `idempotency::SqliteStore` |
//! | `postgres` | `idempotency::PostgresStore` |
//! | `postgres-tls` | TLS to PostgreSQL |
//! | `metrics` | `observer::Metrics`, which records with the `metrics` facade |
//! | `schema` | `documents`: OpenAPI and AsyncAPI of an endpoint; `events::schema`: JSON Schemas of every payload and answer |
//! | `testing` | `testing`: a test client and samples of every event |

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod signature;

#[cfg(feature = "axum")]
mod answer;
#[cfg(feature = "axum")]
mod codec;
#[cfg(all(test, any(feature = "sqlite", feature = "postgres")))]
mod coded;
#[cfg(feature = "axum")]
mod control;
#[cfg(feature = "schema")]
pub mod documents;
#[cfg(feature = "axum")]
mod endpoint;
#[cfg(feature = "axum")]
mod envelope;
#[cfg(feature = "axum")]
mod environment;
#[cfg(feature = "axum")]
mod event;
#[cfg(feature = "axum")]
pub mod events;
#[cfg(feature = "axum")]
mod handler;
#[cfg(feature = "axum")]
pub mod idempotency;
#[cfg(feature = "axum")]
pub mod later;
#[cfg(all(test, feature = "axum"))]
mod logged;
#[cfg(feature = "axum")]
mod macros;
#[cfg(feature = "axum")]
pub mod observer;
#[cfg(feature = "axum")]
mod open_enum;
#[cfg(feature = "axum")]
mod pattern;
#[cfg(feature = "axum")]
mod rejection;
#[cfg(feature = "axum")]
mod reply;
#[cfg(feature = "axum")]
mod run_to_completion;
#[cfg(feature = "axum")]
mod shorten;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "axum")]
mod time;
#[cfg(feature = "axum")]
mod trigger;

#[cfg(feature = "axum")]
#[doc(hidden)]
pub mod __private;

pub use signature::Secret;

#[cfg(feature = "axum")]
pub use {
    control::{Readiness, SecretStatus, StoreHealth},
    endpoint::{ConfigError, Control, Handlers, UnknownEvents, UnknownPattern, WebhookService, Webhooks},
    environment::{Environment, Otherwise},
    event::{Event, EventArgument, EventError, RawEvent, WebhookEvent},
    macros::{IntoRejection, WebhookEvent, webhook},
    rejection::{IntoRejection, Rejection},
    reply::{Ack, AnyReply, HandlerReturn, Reply},
    time::UnixTime,
    trigger::Trigger,
};

// The compiler names these in errors about handlers.
#[cfg(feature = "axum")]
#[doc(hidden)]
pub use {
    codec::EventData,
    handler::{Listed, NoAttribute, Provides, RegistrationCheck, Taken},
    rejection::{Cause, DisplayMessage},
};
