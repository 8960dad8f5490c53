use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{Extensions, StatusCode};
use sqlx::Database;

/// The transaction that holds the event's idempotency key: what a handler writes through it is kept together with the
/// key and the answer, or not at all.
///
/// It derefs to the database's connection, so that `&mut *tx` is an [`Executor`](sqlx::Executor); for a savepoint use
/// [`Connection::begin`](sqlx::Connection::begin) of it. There is no `commit`: returning `Ok` is. Returning `Err`,
/// panicking or being too slow undoes it all.
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
/// - A `COMMIT` or `ROLLBACK` of its own in plain SQL: it would tear the key from the writes.
/// - Keeping it: it must be dropped when the handler returns, so it can't be moved into a spawned task that lives on.
///   If it was, nothing is committed and the answer is a retryable error.
///
/// To take it inside an extractor of your own, such as a repository, implement [`UsesTx`](super::UsesTx) for that one.
pub struct Tx<Db: Database> {
    held: Box<dyn DerefMut<Target = Db::Connection> + Send>,
}

impl<Db: Database> Tx<Db> {
    /// Lends a connection, or a transaction on one, in the shape in which a handler takes it.
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
    pub fn lend<C>(connection: C) -> (Self, Loan<C>)
    where
        C: DerefMut<Target = Db::Connection> + Send + 'static,
    {
        let home = Arc::new(Mutex::new(None));
        let held = Held { connection: Some(connection), home: Arc::clone(&home) };
        (Self { held: Box::new(held) }, Loan { home })
    }

    /// Leaves this among a request's extensions, where the handler's parameter finds it.
    pub fn leave_in(self, extensions: &mut Extensions) {
        extensions.insert(Slot::<Db>(Arc::new(Mutex::new(Some(self)))));
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

/// What was lent as a [`Tx`], for whoever lent it.
pub struct Loan<C> {
    home: Arc<Mutex<Option<C>>>,
}

impl<C> Loan<C> {
    /// What was lent; `None` while the [`Tx`] still lives.
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

/// A connection that goes home when it is dropped.
struct Held<C> {
    connection: Option<C>,
    home: Arc<Mutex<Option<C>>>,
}

impl<C> Drop for Held<C> {
    fn drop(&mut self) {
        *self.home.lock().unwrap_or_else(PoisonError::into_inner) = self.connection.take();
    }
}

const HELD: &str = "a connection leaves only when it is dropped";

impl<C: Deref> Deref for Held<C> {
    type Target = C::Target;

    fn deref(&self) -> &Self::Target {
        self.connection.as_ref().expect(HELD)
    }
}

impl<C: DerefMut> DerefMut for Held<C> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.connection.as_mut().expect(HELD)
    }
}

/// Extensions must be `Clone` and `Sync`; whoever comes first takes what is inside.
struct Slot<Db: Database>(Arc<Mutex<Option<Tx<Db>>>>);

impl<Db: Database> Clone for Slot<Db> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<Db: Database, S: Sync> FromRequestParts<S> for Tx<Db> {
    type Rejection = NoTransaction;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NoTransaction> {
        let slot = parts.extensions.remove::<Slot<Db>>();
        slot.and_then(|slot| slot.0.lock().unwrap_or_else(PoisonError::into_inner).take()).ok_or_else(|| {
            tracing::error!(
                "no transaction for a `Tx<{}>`: an extractor that takes one must implement \
                 `aghanim_hooks::idempotency::UsesTx`, and a handler takes one `Tx` only",
                Db::NAME
            );
            NoTransaction
        })
    }
}

/// There is no transaction to take a [`Tx`] from: answered with 500, and logged.
#[derive(Debug)]
pub struct NoTransaction;

impl IntoResponse for NoTransaction {
    fn into_response(self) -> Response {
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}
