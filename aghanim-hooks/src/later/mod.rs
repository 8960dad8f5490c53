//! Answer now, work afterwards: for events that need an acknowledgement and much work.
//!
//! Aghanim waits for each answer, for a time that is not documented. If a handler has `later` in its attribute, its
//! event is acknowledged at once and kept as a job. A worker calls the handler afterwards, and tries again if it fails.
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
//! An [`Engine`] keeps the jobs. It is a crate of its own: `aghanim-hooks-river`, for PostgreSQL and SQLite. Give it to
//! the endpoint with [`Webhooks::later`](crate::Webhooks::later), together with a store on the same database. Start a
//! worker with [`Webhooks::worker`](crate::Webhooks::worker), in the same process or in another one.
//!
//! # Receiving
//!
//! The signature, the envelope and the payload are checked as for any event. Then the idempotency key, the job and the
//! answer are stored in **one commit**, and the event is acknowledged. A duplicate gets the stored answer and makes no
//! second job. If the database or the engine fails, the answer is 503 and nothing is stored.
//!
//! An event **without a key** makes one job per delivery, unless the [replay guard](crate::Webhooks::replay_guard) covers
//! it.
//!
//! # Working
//!
//! The handler is an ordinary handler. Before the event it takes only parameters that need no request: `State`, `Tx`,
//! [`Attempt`], and extractors of your own that implement [`WithoutRequest`].
//!
//! - **With a `Tx`**, the effect happens **exactly once**, even if processes are killed. The job is completed in the
//!   handler's transaction, so its writes and the completion are committed together, or not at all. An attempt that has
//!   lost its job to another worker rolls back. On SQLite, a handler that hangs holds the only write lock until its
//!   timeout, and other attempts wait for it; their timeouts include this wait.
//! - **Without a `Tx`**, the effect happens **at least once**: the job is completed after the handler has returned, and a
//!   worker that is killed in between leads to another call. Make the effect idempotent.
//!
//! | If the handler | then |
//! |---|---|
//! | returns `Ok` | the job is completed |
//! | returns a failure (5xx), panics, or exceeds the `timeout` | it is called again after a pause, until `attempts` are used up; then the job is a dead letter |
//! | returns a final [`Rejection`](crate::Rejection) (4xx) | the job is a dead letter at once, with the code and the message. Aghanim does not learn of it, since the event was acknowledged |
//!
//! # Settings
//!
//! | Key of the attribute | Value | Meaning |
//! |---|---|---|
//! | `attempts` | 1 to 1000 | the number of attempts before a job becomes a dead letter |
//! | `timeout` | `"500ms"`, `"30s"`, `"5m"`, `"1h"` | the time for one attempt |
//! | `queue` | a name | the engine's queue: lowercase letters and digits, with single `_` or `-` between them |
//! | `latest_of` | a path, such as `"data.id"` | skips an event that is older than the newest one of the same entity; see [Order](#order) |
//! | `without_refund` | none | allows `later` for `item.add` and `item.remove`: a refusal in the answer means a refund, a later one does not |
//!
//! [`Webhooks::later_attempts`](crate::Webhooks::later_attempts), [`later_timeout`](crate::Webhooks::later_timeout) and
//! [`later_queue`](crate::Webhooks::later_queue) set the first three for all handlers of an endpoint. The attribute wins,
//! and the engine has defaults for what neither sets. A job keeps the settings that were valid when it was enqueued.
//!
//! `later` does not compile for an event whose answer matters, such as `player.verify`, nor for a family with such an
//! event.
//!
//! # Order
//!
//! Jobs run in parallel and are tried again later, so the handler may see `order.paid` before `order.created`. To keep
//! the order, an engine would have to stop all events of an entity for as long as one of them fails.
//!
//! With `latest_of = "data.id"`, an older event never overwrites a newer one instead. The handler needs a `Tx`: the times
//! of the events (`event_time`) are compared in its transaction, and an older event is completed without a call. Events
//! are compared if they have the same game, environment, family (such as `order`) and value at the path. If two events
//! have the same time, both are worked. An event without a time or without the value is always worked.
//!
//! # Observing
//!
//! An [`Observer`](crate::observer::Observer) gets a report of each attempt, and each attempt is a span that can be
//! linked to the span of its delivery. [`Control::jobs`](crate::Control::jobs) counts the jobs in each state.
//! `docs/metrics` lists the metrics, `docs/operations.md` says what to do about dead letters.
//!
//! # Other services
//!
//! To pass events on to a message broker, publish them from a `later` handler: `examples/nats` does so with NATS
//! `JetStream`. A handler without `later` must not publish. The database and the broker have no common commit, so after a
//! failure between the two, one of them would have an event that the other does not have.

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
