use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres, Transaction};

use crate::idempotency::StoreError;
use crate::run_to_completion::RunToCompletion;

/// Opens a transaction. Safe to drop at any point.
///
/// `PgPool::begin` is not: in sqlx 0.9.0, dropping its future between `BEGIN` and the answer returns the connection to
/// the pool inside an open transaction. The next user of the connection then writes into that transaction, and nobody
/// commits it. See "Removable when sqlx is fixed" in `docs/decisions.md`.
pub(super) async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>, StoreError> {
    // Not part of what runs to completion: a caller that gave up must not wait for a connection any longer.
    begin_on(pool.acquire().await.map_err(StoreError::new)?).await
}

/// Opens a transaction on this connection. Safe to drop at any point.
pub(super) async fn begin_on(
    connection: PoolConnection<Postgres>,
) -> Result<Transaction<'static, Postgres>, StoreError> {
    // If the caller is gone when the transaction is open, the transaction is dropped, and its drop rolls back.
    RunToCompletion::new(Transaction::begin(connection, None)).await.map_err(StoreError::new)
}
