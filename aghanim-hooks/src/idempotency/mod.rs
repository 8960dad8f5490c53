//! Exactly once: an event's key, the handler's writes and its answer commit together.
//!
//! Aghanim delivers at least once: an event whose answer was lost comes again. Give the endpoint a store, and an event
//! with an `idempotency_key` takes effect once:
//!
//! ```
//! use aghanim_hooks::idempotency::MemoryStore;
//! # use aghanim_hooks::{Secret, Webhooks, webhook, webhooks};
//! # use aghanim_hooks::events::ItemAdd;
//! # #[webhook("item.add")]
//! # async fn grant(_event: ItemAdd) {}
//! # fn main() -> Result<(), aghanim_hooks::signature::SecretError> {
//! # let secret = Secret::new("whsec_4f1c9d0a77b2e8d6")?;
//! let hooks: Webhooks = Webhooks::new(secret, webhooks![grant]).idempotency(MemoryStore::new());
//! # Ok(())
//! # }
//! ```
//!
//! | Store | Feature | For |
//! |---|---|---|
//! | `MemoryStore` | `memory`, on by default | development: one process, gone when it ends |
//! | `SqliteStore` | `sqlite` | one machine: a file beside the game's own tables, or holding them |
//! | `PostgresStore` | `postgres` | many instances behind a load balancer |
//! | your own | | anything that can claim a key atomically: implement [`IdempotencyStore`] |
//!
//! # What is guaranteed
//!
//! For a handler that takes a `Tx` and writes through it alone:
//!
//! - **Once.** Its writes, the key and the answer become durable in one commit. A crash, a kill or a lost connection at
//!   any moment leaves all of it or nothing. Nothing is acknowledged before the commit.
//! - **A duplicate gets the first answer**, byte for byte: status, content type and body. The handler does not run. A
//!   duplicate is never refused for being one.
//! - **A failure leaves the key free**: a 5xx, a panic, a [timeout](crate::Webhooks::timeout), a client that hung up.
//!   The writes are undone, and the next delivery runs the handler again.
//! - **A final refusal is an answer**: a 4xx that the handler chose, such as
//!   [`Rejection::declined`](crate::Rejection::declined). The handler's writes are undone, and the refusal is stored and
//!   replayed. The refusal of an extractor is not the game's decision, and is not stored.
//!
//! # What is not
//!
//! - **Effects outside that database.** A mail, a call to another service, another database: they are not undone with
//!   the transaction, and are repeated when a handler runs again after a failure. Write the wish into a table of the
//!   same database (an *outbox*) through the `Tx`, and let a worker carry it out; or hand the event's own
//!   [`idempotency_key`](crate::Event::idempotency_key) to the other service, if that deduplicates by one.
//! - **A handler without `Tx`** runs under a *lease*: the key is claimed, the handler runs, the answer is stored. Each
//!   step is durable by itself. The handler does not run at the same time as another attempt, nor after an answer was
//!   stored. But if the process dies after the effect and before the answer is stored, the lease lapses (three
//!   [timeouts](crate::Webhooks::timeout) after it was made, 30 seconds by default), and the next delivery runs the
//!   handler again. This is only at-least-once: make the effect idempotent, keyed by the `idempotency_key`.
//! - **A handler that blocks its thread**, or a process that is suspended for longer than a lease, can't be stopped by
//!   a deadline: without `Tx`, another attempt may run at the same time. With `Tx`, nothing is committed twice.
//! - **A handler that keeps its `Tx`** in a task that it spawned also keeps the locks of the transaction. On SQLite
//!   this stops every write of the store. The log names the event.
//! - **An event without a key**, or with an empty one, is deduplicated only by the
//!   [replay guard](crate::Webhooks::replay_guard), and only if it grants something. To refuse events without a key,
//!   use [`Webhooks::require_key`](crate::Webhooks::require_key).
//! - **After the retention** an answer is removed. The retention must be at least as long as a signed request is
//!   accepted, which is both parts of the [time window](crate::signature::Tolerance) together. Otherwise the endpoint
//!   can't be built.
//!
//! # Transactions of your own
//!
//! A handler's future is dropped when the client hangs up or the [timeout](crate::Webhooks::timeout) passes. With sqlx
//! 0.9.0 and PostgreSQL, dropping `pool.begin()` while the database answers returns the connection to the pool inside
//! an open transaction: what its next users write is never committed, although they are told that it is. The stores
//! here are safe from this. Where a handler begins a transaction itself, on a pool, let a task begin it:
//!
//! ```
//! # #[cfg(feature = "postgres")] {
//! use sqlx::{PgPool, Postgres, Transaction};
//!
//! async fn begin(pool: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
//!     let pool = pool.clone();
//!     // A task runs to its end, and a transaction whose caller is gone is rolled back.
//!     tokio::spawn(async move { pool.begin().await }).await.map_err(|_| sqlx::Error::WorkerCrashed)?
//! }
//! # }
//! ```
//!
//! If such a pool is also the store's, one unsafe `begin` in the game endangers the store's answers too. A handler that
//! takes a `Tx` has no such problem: it uses the store's transaction.
//!
//! - **An event that asks a question** (`player.verify`, `player.lookup`, `store.get`) is not deduplicated, even with a key:
//!   a player who was not found may exist a minute later. Turn deduplication on for such a handler with
//!   `#[webhook("…", once = true)]`, or off for any handler with `once = false`.
//!
//! # What makes a duplicate
//!
//! The same `idempotency_key` for the same event type, game and environment (live or sandbox): see [`Key`]. If the
//! `event_data` differs from the first time, [`KeyReuse`] decides. Aghanim does not document that this never happens.
//!
//! While the first attempt runs, its duplicates wait for it until the [timeout](crate::Webhooks::timeout). Then they
//! are answered 503 with `Retry-After`.
//!
//! # Cost
//!
//! An endpoint without a store pays nothing, and neither does an event without a key if its handler takes no `Tx`. For an
//! event with a key, in addition to the handler's own statements:
//!
//! | Store | Round trips | Durable commits |
//! |---|---|---|
//! | `MemoryStore` | 0 | 0 |
//! | `SqliteStore`, handler without `Tx` | in process | 2, shared with other deliveries |
//! | `SqliteStore`, handler with `Tx` | in process | 1, shared with other deliveries |
//! | `PostgresStore`, handler without `Tx` | 2 | 2 |
//! | `PostgresStore`, handler with `Tx` | 4 | 1 |
//!
//! Measured figures, and the commands that give them, are in `docs/performance.md` of the repository.

#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod housekeeping;
mod key;
#[cfg(feature = "memory")]
mod memory;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod outage;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod tx;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod uses_tx;

pub use key::{Claim, Fingerprint, Key, Owner};
#[cfg(feature = "memory")]
pub use memory::MemoryStore;
#[cfg(feature = "postgres")]
pub use postgres::{PostgresOptions, PostgresStore};
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteOptions, SqliteStore};
#[cfg(feature = "postgres")]
#[doc(no_inline)]
pub use sqlx::Postgres;
#[cfg(feature = "sqlite")]
#[doc(no_inline)]
pub use sqlx::Sqlite;
pub use store::{
    BoxFuture, Claimed, Connections, DEFAULT_RETENTION, IdempotencyStore, PlainTransaction, Record, StoreError,
    StoredAnswer, Transaction,
};
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use tx::{Loan, NoTransaction, Tx};
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use uses_tx::UsesTx;

/// The treatment of an event whose key was answered before, for other `event_data`.
///
/// Aghanim does not document whether its retries are the same byte for byte. In both cases a warning is logged, and an
/// [observer](crate::observer) gets the outcome `key_reused`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum KeyReuse {
    /// Sends the first answer again, because an error would only cause more retries.
    #[default]
    Answer,
    /// Answers 409: the key was already used for another request.
    Refuse,
}
