//! Answer now, work afterwards: events that need an acknowledgement and much work.
//!
//! Aghanim waits for an answer, and gives up. A handler with `later` in its attribute is answered at once: the delivery is
//! kept as a job, and a worker runs the handler afterwards, with retries and a pause between them.
//!
//! ```
//! # #[cfg(feature = "sqlite")] {
//! use aghanim_hooks::events::Order;
//! use aghanim_hooks::idempotency::{Sqlite, Tx};
//! use aghanim_hooks::{Rejection, webhook};
//!
//! #[webhook("order.paid", later(attempts = 12, timeout = "30s", queue = "orders"))]
//! async fn book(mut tx: Tx<Sqlite>, event: Order) -> Result<(), Rejection> {
//!     sqlx::query("INSERT INTO bookings (order_id) VALUES (?1)").bind(&event.id).execute(&mut *tx).await?;
//!     Ok(())
//! }
//! # }
//! ```
//!
//! The jobs are kept by an [`Engine`], which is a crate of its own: `aghanim-hooks-river` for PostgreSQL and SQLite. Give
//! it to the endpoint with [`Webhooks::later`](crate::Webhooks::later), beside a store on the same database, and start a
//! worker with [`Webhooks::worker`](crate::Webhooks::worker), in the same process or in another.
//!
//! # Receiving
//!
//! Signature, envelope and payload are checked as for any event. Then the idempotency key, the job and the answer are kept
//! in **one commit**, and the event is acknowledged. A duplicate gets the same answer, and no second job. If the database
//! or the engine fails, the answer is 503 and nothing is kept. An event **without a key** is
//! enqueued once per delivery, unless the [guard](crate::Webhooks::replay_guard) against replays covers it.
//!
//! # Working
//!
//! The handler is the same function. Its parameters before the event are those that need no request: `State`, `Tx`,
//! [`Attempt`], and extractors of your own that are marked with [`WithoutRequest`].
//!
//! - **With a `Tx`** the job is completed in the handler's transaction: its writes and the completion are kept together, or
//!   not at all. Its effect is **exactly once**, whatever is killed. An attempt that lost its job to another worker rolls
//!   back.
//!   The timeout of an attempt includes the wait for the transaction: on SQLite, a handler that hangs holds up the others
//!   until its own timeout.
//! - **Without**, the job is completed after the handler returned: **at least once**. Make its effect idempotent.
//!
//! | The handler | What follows |
//! |---|---|
//! | returns `Ok` | The job is completed. |
//! | returns a failure (5xx), panics, exceeds the `timeout` | It is tried again after a pause, until `attempts` are used up. Then it is a dead letter. |
//! | returns a final [`Rejection`](crate::Rejection) (4xx) | It is a dead letter at once, with the code and the message. Aghanim is not told: the event was acknowledged. |
//!
//! # The attribute
//!
//! | Key | Value | |
//! |---|---|---|
//! | `attempts` | 1 to 1000 | The attempts before a job becomes a dead letter. |
//! | `timeout` | `"500ms"`, `"30s"`, `"5m"`, `"1h"` | The time for one attempt. |
//! | `queue` | a name | The engine's queue: lowercase letters, digits, and `_` or `-` between them. |
//! | `latest_of` | a path, such as `"data.id"` | Skips an event that is older than the newest one of the same entity: see below. |
//! | `without_refund` | | Needed for `item.add` and `item.remove`, where a refusal in time means a refund, and a later one does not. |
//!
//! An event whose answer matters, such as `player.verify`, can't be handled later, and neither can a family that has one:
//! that does not compile.
//!
//! # Order
//!
//! Jobs are worked side by side, and retried later: `order.created` may be worked after `order.paid`. An engine that works
//! all events of an entity in order would have to hold up the entity for as long as one of its events fails. With
//! `latest_of = "data.id"` an old event never overwrites a newer one instead: the times of the events (`event_time`) are
//! compared in the handler's transaction, per game, environment, family of events (`order`) and value at the path, and an
//! older event is completed without calling the handler. Events of the same second are both worked. It needs a `Tx`, and an
//! event without a time or without the value is worked as it comes.

mod attempt;
#[doc(hidden)]
pub mod check;
mod depth;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod engine;
mod job;
mod latest;
mod outcome;
mod queue;
mod queue_name;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod typed;
mod without_request;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod worker;

pub use attempt::Attempt;
pub use depth::Depth;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use engine::{Completion, Engine};
pub use job::{Job, Policy};
pub(crate) use latest::Latest;
pub use outcome::Outcome;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) use queue::Run;
pub(crate) use queue::{Complete, Queue};
pub(crate) use queue_name::is_queue_name;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use typed::Jobs;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) use typed::TypedEngine;
pub use without_request::WithoutRequest;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use worker::{Running, RunningWorker, Worker};
