//! Receive [Aghanim](https://aghanim.com)'s webhooks on [axum]: one typed function per event.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod signature;

#[cfg(feature = "axum")]
mod codec;
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
mod macros;
#[cfg(feature = "axum")]
mod open_enum;
#[cfg(feature = "axum")]
mod parameter;
#[cfg(feature = "axum")]
mod pattern;
#[cfg(feature = "axum")]
mod rejection;
#[cfg(feature = "axum")]
mod reply;
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
    endpoint::{ConfigError, UnknownEvents, Webhooks},
    environment::{Environment, Otherwise},
    event::{Event, EventArgument, RawEvent, WebhookEvent},
    handler::{Handlers, Webhook},
    macros::{IntoRejection, WebhookEvent, webhook},
    rejection::{IntoRejection, Rejection},
    reply::{Ack, AnyReply, HandlerReturn, Reply},
    time::UnixTime,
    trigger::Trigger,
};

// Named by the compiler, in errors about handlers.
#[cfg(feature = "axum")]
#[doc(hidden)]
pub use {
    codec::EventData,
    handler::{Listed, NoAttribute, Provides, Taken},
    rejection::Cause,
};
