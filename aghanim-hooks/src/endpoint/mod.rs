//! The endpoint: [`Webhooks`], its settings, and the steps of a delivery.
//!
//! [`serve`] has the first steps in order, then [`dispatch`] and [`delivery`]: read, verify, route, decode, idempotency,
//! handler, answer. Each step is a file.

mod call;
mod check;
mod context;
mod control;
mod decode;
mod defer;
mod deferred;
mod delivery;
#[cfg(feature = "schema")]
mod describe;
mod dispatch;
mod environment;
mod error_id;
mod flight;
mod handlers;
mod health;
mod memory_budget;
mod notes;
mod once;
mod precedence;
mod read;
mod refusal;
mod rejection;
mod required_key;
mod route;
mod serve;
mod service;
mod settings;
mod store;
mod task;
mod unsigned;
mod verify;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod watched_attempt;
mod webhooks;
mod within;
mod work;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod workshop;

pub use check::ConfigError;
pub use control::{Control, UnknownPattern};
pub use delivery::{AnswerFuture, Delivery};
#[cfg(feature = "schema")]
pub(crate) use describe::Taken;
pub use handlers::{Handlers, NotListed};
pub use service::WebhookService;
pub use settings::UnknownEvents;
pub use unsigned::{Unsigned, Verdict};
pub use webhooks::Webhooks;
