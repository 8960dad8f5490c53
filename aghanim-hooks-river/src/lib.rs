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
//!
//! # Throughput
//!
//! Orders that were acknowledged / booked, per second, on one PostgreSQL. Each receiver and each worker is a process. First
//! with 10 jobs at the same time in each worker, the default of [`River::workers`]:
//!
//! | | 1 worker | 2 workers | 4 workers |
//! |---|---|---|---|
//! | 1 receiver | 2158 / 47 | 1649 / 94 | 1459 / 187 |
//! | 2 receivers | 1767 / 45 | 1574 / 87 | 1272 / 170 |
//! | 4 receivers | 1351 / 41 | 1205 / 79 | 1075 / 164 |
//!
//! Then with 100:
//!
//! | | 1 worker | 2 workers | 4 workers |
//! |---|---|---|---|
//! | 1 receiver | 1229 / 446 | 1089 / 776 | 1081 / 1044 |
//! | 2 receivers | 1573 / 383 | 980 / 738 | 744 / 737 |
//! | 4 receivers | 1200 / 342 | 1094 / 708 | 894 / 847 |
//!
//! - **The ceiling of a worker is its number of jobs at the same time.** It fetches as many jobs as it has places for, and
//!   waits at least 100 ms before it fetches again. So short jobs need many places: ten times as many places gave about nine
//!   times as many jobs. More workers add up in the same way.
//! - **Then the machine is the ceiling.** This one has 2 cores, and the receivers, the workers, PostgreSQL and the 8 senders
//!   of each receiver share them. That is why more receivers do not help here, and why workers slow the receivers down.
//!   Between separate machines, only PostgreSQL is shared.
//!
//! Measured with `SECONDS=3 cargo bench -p aghanim-hooks-river --bench throughput`, and `SLOTS=100` for the second table. The
//! machine was compiling meanwhile, so numbers that differ by less than a third are equal.

#![cfg_attr(docsrs, feature(doc_cfg))]

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
