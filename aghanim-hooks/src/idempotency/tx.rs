use std::borrow::BorrowMut;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{Extensions, StatusCode};
use sqlx::{Database, Transaction};

/// The event's transaction: a handler's writes, the key and the answer commit together.
///
/// It derefs to the database's connection, so `&mut *tx` is an [`Executor`](sqlx::Executor). For a savepoint, call
/// [`Connection::begin`](sqlx::Connection::begin) on it. It has no `commit`: the endpoint commits when the handler returns
/// `Ok`. If the handler returns `Err`, panics or is too slow, everything is undone.
///
/// ```
/// # #[cfg(feature = "sqlite")] {
/// use aghanim_hooks::events::ItemAdd;
/// use aghanim_hooks::idempotency::{Sqlite, Tx};
/// use aghanim_hooks::{Rejection, webhook};
///
/// #[webhook("item.add")]
/// async fn grant(mut tx: Tx<Sqlite>, event: ItemAdd) -> Result<(), Rejection> {
///     for item in &event.items {
///         sqlx::query("INSERT INTO grants (player_id, sku, quantity) VALUES (?1, ?2, ?3)")
///             .bind(&event.player_id)
///             .bind(&item.sku)
///             .bind(item.quantity)
///             .execute(&mut *tx)
///             .await?;
///     }
///     Ok(())
/// }
/// # }
/// ```
///
/// # What a handler must leave alone
/// - **`COMMIT`, `ROLLBACK`, `BEGIN`, `PREPARE TRANSACTION` and `END` in plain SQL.** They separate the key from the writes.
///   On SQLite such a `COMMIT` fails. A `SAVEPOINT` is allowed, best through [`Connection::begin`](sqlx::Connection::begin).
/// - **Keeping the `Tx`**, for example in a spawned task. Unless it is dropped when the handler returns, nothing is
///   committed and the answer is a retryable error.
/// - **State of the session, which outlives the transaction** and reaches the next user of the connection: `SET` without
///   `LOCAL`, `DISCARD`, `LISTEN`, `PREPARE`, `CREATE TEMP TABLE` without `ON COMMIT DROP`, `pg_advisory_lock` (use
///   `pg_advisory_xact_lock`), and on SQLite `PRAGMA` and `ATTACH`. `SET LOCAL` is allowed, `search_path` included.
/// - **The limits that the store sets** for the transaction on PostgreSQL: `lock_timeout`, `statement_timeout` and
///   `idle_in_transaction_session_timeout`. Without them a duplicate may wait for longer than its sender.
/// - **Constraints that are deferred to the commit**, where it can be helped: a violation then fails the commit and not
///   the statement, so the handler cannot decline, and the event is retried. On SQLite it fails the deliveries that share
///   the commit too.
/// - **The store's own tables.**
///
/// To take it inside an extractor of your own, such as a repository, implement [`UsesTx`](super::UsesTx) for that one.
pub struct Tx<Db: Database> {
    held: Box<dyn Hold<Db>>,
}

/// The transaction or connection that a handler holds while it runs.
trait Hold<Db: Database>: DerefMut<Target = Db::Connection> + Send {
    fn transaction(&mut self) -> Option<&mut Transaction<'static, Db>>;
}

impl<Db: Database> Tx<Db> {
    /// Lends a transaction in the shape in which a handler takes it.
    ///
    /// For stores, and for unit tests of a handler:
    ///
    /// ```
    /// # #[cfg(feature = "sqlite")] {
    /// use aghanim_hooks::Rejection;
    /// use aghanim_hooks::idempotency::{Sqlite, Tx};
    /// use sqlx::SqlitePool;
    ///
    /// async fn grant(mut tx: Tx<Sqlite>, sku: &str) -> Result<(), Rejection> {
    ///     sqlx::query("INSERT INTO grants (sku) VALUES (?1)").bind(sku).execute(&mut *tx).await?;
    ///     Ok(())
    /// }
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let pool = SqlitePool::connect("sqlite::memory:").await?;
    /// let mut transaction = pool.begin().await?;
    /// sqlx::query("CREATE TABLE grants (sku TEXT)").execute(&mut *transaction).await?;
    ///
    /// let (tx, loan) = Tx::lend(transaction);
    /// assert!(grant(tx, "sword").await.is_ok());
    ///
    /// let mut transaction = loan.take().expect("the handler dropped its `Tx`");
    /// let count: i64 = sqlx::query_scalar("SELECT count(*) FROM grants").fetch_one(&mut *transaction).await?;
    /// assert_eq!(count, 1);
    /// # Ok::<(), sqlx::Error>(())
    /// # }).unwrap();
    /// # }
    /// ```
    pub fn lend<C>(transaction: C) -> (Self, Loan<C>)
    where
        C: DerefMut<Target = Db::Connection> + BorrowMut<Transaction<'static, Db>> + Send + 'static,
    {
        Self::hold(transaction, |transaction| Some(transaction.borrow_mut()))
    }

    /// Lends a connection that has no [`transaction`](Self::transaction) to show, for a store that keeps its own.
    pub fn lend_connection<C>(connection: C) -> (Self, Loan<C>)
    where
        C: DerefMut<Target = Db::Connection> + Send + 'static,
    {
        Self::hold(connection, |_| None)
    }

    fn hold<C>(connection: C, transaction: fn(&mut C) -> Option<&mut Transaction<'static, Db>>) -> (Self, Loan<C>)
    where
        C: DerefMut<Target = Db::Connection> + Send + 'static,
    {
        let home = Arc::new(Mutex::new(None));
        let held = Held { connection: Some(connection), home: Arc::clone(&home), transaction };
        (Self { held: Box::new(held) }, Loan { home })
    }

    /// The transaction itself, for a library that asks for one, such as a job queue's insertion. `None` if the store lent
    /// a connection.
    ///
    /// It must not be committed or rolled back.
    pub fn transaction(&mut self) -> Option<&mut Transaction<'static, Db>> {
        self.held.transaction()
    }

    /// Puts this into a request's extensions, where the handler's parameter finds it.
    pub fn leave_in(self, extensions: &mut Extensions) {
        extensions.insert(Slot::<Db>(Arc::new(Mutex::new(Some(self)))));
    }

    /// Takes what [`leave_in`](Self::leave_in) left.
    pub(crate) fn take_from(extensions: &mut Extensions) -> Option<Self> {
        let slot = extensions.remove::<Slot<Db>>()?;
        slot.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<Db: Database> Deref for Tx<Db> {
    type Target = Db::Connection;

    fn deref(&self) -> &Self::Target {
        &self.held
    }
}

impl<Db: Database> DerefMut for Tx<Db> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.held
    }
}

impl<Db: Database> fmt::Debug for Tx<Db> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tx").field("database", &Db::NAME).finish_non_exhaustive()
    }
}

/// The lender's side of a [`Tx`].
pub struct Loan<C> {
    home: Arc<Mutex<Option<C>>>,
}

impl<C> Loan<C> {
    /// Returns what was lent, once. `None` while the [`Tx`] is alive.
    #[must_use]
    pub fn take(&self) -> Option<C> {
        self.home.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<C> fmt::Debug for Loan<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loan").finish_non_exhaustive()
    }
}

/// A lent connection. Its drop returns it to the loan.
struct Held<Db: Database, C> {
    connection: Option<C>,
    home: Arc<Mutex<Option<C>>>,
    transaction: fn(&mut C) -> Option<&mut Transaction<'static, Db>>,
}

impl<Db: Database, C> Drop for Held<Db, C> {
    fn drop(&mut self) {
        *self.home.lock().unwrap_or_else(PoisonError::into_inner) = self.connection.take();
    }
}

const HELD: &str = "a connection leaves only when it is dropped";

impl<Db: Database, C: Deref> Deref for Held<Db, C> {
    type Target = C::Target;

    fn deref(&self) -> &Self::Target {
        self.connection.as_ref().expect(HELD)
    }
}

impl<Db: Database, C: DerefMut> DerefMut for Held<Db, C> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.connection.as_mut().expect(HELD)
    }
}

impl<Db: Database, C: DerefMut<Target = Db::Connection> + Send> Hold<Db> for Held<Db, C> {
    fn transaction(&mut self) -> Option<&mut Transaction<'static, Db>> {
        (self.transaction)(self.connection.as_mut().expect(HELD))
    }
}

/// A slot that can be put into extensions, which must be `Clone` and `Sync`. The first caller takes the value.
struct Slot<Db: Database>(Arc<Mutex<Option<Tx<Db>>>>);

impl<Db: Database> Clone for Slot<Db> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<Db: Database, S: Sync> FromRequestParts<S> for Tx<Db> {
    type Rejection = NoTransaction;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NoTransaction> {
        Self::take_from(&mut parts.extensions).ok_or_else(|| {
            tracing::error!(
                "no transaction for a `Tx<{}>`: an extractor that takes one must implement \
                 `aghanim_hooks::idempotency::UsesTx`, and a handler takes one `Tx` only",
                Db::NAME
            );
            NoTransaction
        })
    }
}

/// The request has no transaction for a [`Tx`]. It is answered with 500, and logged.
#[derive(Debug)]
pub struct NoTransaction;

impl IntoResponse for NoTransaction {
    fn into_response(self) -> Response {
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_transaction_is_a_fault_of_this_side() {
        assert_eq!(NoTransaction.into_response().status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
