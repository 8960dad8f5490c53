use std::time::Instant;

use sqlx::pool::PoolConnection;
use sqlx::{Error, PgPool, Postgres, Transaction};

use crate::idempotency::StoreError;
use crate::run_to_completion::RunToCompletion;

/// Takes a connection from the pool.
///
/// Waits for the pool's own `acquire_timeout` at most, and for nine tenths of the time that the delivery has left. The
/// last tenth goes to the reply: the sender and the log get a reason before the endpoint's own timeout ends everything.
pub(super) async fn acquire(pool: &PgPool, deadline: Option<Instant>) -> Result<PoolConnection<Postgres>, StoreError> {
    let started = Instant::now();
    let acquired = match deadline {
        Some(deadline) => {
            let patience = deadline.saturating_duration_since(started) / 10 * 9;
            tokio::time::timeout(patience, pool.acquire()).await.unwrap_or(Err(Error::PoolTimedOut))
        }
        None => pool.acquire().await,
    };
    acquired.map_err(|error| match error {
        Error::PoolTimedOut => no_connection(pool, started),
        error => StoreError::new(error),
    })
}

/// Logs why there is no connection.
#[cold]
fn no_connection(pool: &PgPool, started: Instant) -> StoreError {
    let (size, idle, max) = (pool.size(), pool.num_idle(), pool.options().get_max_connections());
    let reason = if size < max { "connect_timeout" } else { "pool_exhausted" };
    tracing::warn!(
        reason,
        pool_size = size,
        pool_idle = idle,
        pool_max = max,
        waited_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        "no connection to PostgreSQL in time: see `Connections` in the documentation of `PostgresStore`"
    );
    StoreError::new(Error::PoolTimedOut)
}

/// Opens a transaction. Safe to drop at any point.
///
/// `PgPool::begin` is not: in sqlx 0.9.0, dropping its future between `BEGIN` and the answer returns the connection to
/// the pool inside an open transaction. The next user of the connection then writes into that transaction, which is
/// never committed. See "Removable when sqlx is fixed" in `docs/decisions.md`.
pub(super) async fn begin(
    pool: &PgPool,
    deadline: Option<Instant>,
) -> Result<Transaction<'static, Postgres>, StoreError> {
    // This wait does not run to completion: if the caller is gone, nothing should wait for a connection.
    begin_on(acquire(pool, deadline).await?).await
}

/// Opens a transaction on this connection. Safe to drop at any point.
pub(super) async fn begin_on(
    connection: PoolConnection<Postgres>,
) -> Result<Transaction<'static, Postgres>, StoreError> {
    // If the caller is gone when the transaction is open, the transaction is dropped, and its drop rolls back.
    RunToCompletion::new(Transaction::begin(connection, None)).await.map_err(StoreError::new)
}

#[cfg(test)]
mod tests {
    use sqlx::postgres::PgPoolOptions;

    use super::*;
    use crate::logged::logged;

    #[tokio::test]
    async fn a_pool_that_could_grow_waited_for_the_server() {
        let pool = PgPoolOptions::new().max_connections(1).connect_lazy("postgres://127.0.0.1:1/none").unwrap();
        let lines = logged(|| drop(no_connection(&pool, Instant::now())));
        assert!(lines.len() == 1 && lines[0].contains("reason=\"connect_timeout\""), "{lines:?}");
    }
}
