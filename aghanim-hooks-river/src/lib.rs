//! Deferred work for [`aghanim_hooks`] on [River](https://riverqueue.com), in PostgreSQL and SQLite.
//!
//! The event of a handler with [`later`](aghanim_hooks::later) is acknowledged at once, and a worker calls the handler
//! afterwards. In between the event is a job. This crate keeps the jobs, in the database of the endpoint's store:
//!
//! ```no_run
//! use aghanim_hooks::events::Order;
//! use aghanim_hooks::idempotency::{Postgres, PostgresStore, Tx};
//! use aghanim_hooks::{Rejection, Secret, Webhooks, webhook, webhooks};
//! use aghanim_hooks_river::River;
//! use sqlx::PgPool;
//!
//! #[webhook("order.paid", later)]
//! async fn book(mut tx: Tx<Postgres>, event: Order) -> Result<(), Rejection> {
//!     sqlx::query("INSERT INTO bookings (order_id) VALUES ($1)").bind(&event.id).execute(&mut *tx).await?;
//!     Ok(())
//! }
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let pool = PgPool::connect("postgres://game@localhost/game").await?;
//! let hooks: Webhooks = Webhooks::new(Secret::from_env("AGHANIM_WEBHOOK_SECRET")?, webhooks![book])
//!     .idempotency(PostgresStore::options().pool(pool.clone()).await?)
//!     .later(River::new(pool).migrate().await?);
//! let worker = hooks.worker().start().await?; // here, or in another binary
//! # worker.stop().await?;
//! # Ok(())
//! # }
//! ```
//!
//! | To | see |
//! |---|---|
//! | set attempts, pauses, queues, retention | [`River`] |
//! | find, understand and retry failed jobs | [`River::dead_letters`] |
//! | run jobs again | [`River::replay`] |
//! | count jobs, and see the age of the oldest | [`River::depth`] |
//!
//! # How River is used
//!
//! - **One kind of job**, `aghanim_webhook`. Its arguments have the delivery's body as text. River's own UI and its
//!   clients in other languages can read them.
//! - **A schema of its own** on PostgreSQL, `aghanim_later`. River's leader discards stuck jobs of kinds that it does not
//!   know. So a game that uses River itself must not share tables with this crate. SQLite has no schemas: use another
//!   file for the game's own River.
//! - **At most one completion.** River completes a job only while it is running. This crate also compares the attempt's
//!   number, in the transaction of the handler. An attempt that has lost its job to another worker rolls back.
//! - **No order.** Jobs are fetched in order of time, but run in parallel and are tried again later. See
//!   [`later`](aghanim_hooks::later#order) for a guard against old events.

mod args;
mod backend;
mod backoff;
#[cfg(feature = "command")]
pub mod command;
mod dead;
mod depth;
mod error;
mod replay;
mod river;
mod worker;

pub use aghanim_hooks::later::Depth;
pub use backend::Backend;
pub use backoff::Backoff;
pub use dead::{DeadLetter, DeadLetters, Failure, Reason};
pub use replay::{Deliveries, Replayed};
pub use river::River;
