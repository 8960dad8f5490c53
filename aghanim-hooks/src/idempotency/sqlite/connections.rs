//! The connections to the file: one that writes, and a few that read.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, SqlitePool};

/// How long to wait for another process that writes to the same file.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// State that the writing connection's hooks read.
#[derive(Debug, Default)]
pub(super) struct Gate {
    /// True while the writer commits. A handler's own `COMMIT` fails.
    pub(super) may_commit: AtomicBool,
    /// True if the next transaction needs a new connection. A connection that was opened while the file was read-only,
    /// for example, would never write again.
    pub(super) suspect: AtomicBool,
    /// True if the connection was opened since the last transaction.
    pub(super) is_new: AtomicBool,
}

/// Options that never create the file, except when the store is opened: a new file in place of a deleted one would have
/// no answers.
pub(super) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
}

/// Options of a connection that changes nothing, not even the journal mode.
pub(super) fn checking(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).busy_timeout(BUSY_TIMEOUT).pragma("query_only", "ON")
}

/// A pool of one connection, which commits only while the gate is open.
pub(super) fn writing(path: &Path, gate: &Arc<Gate>) -> SqlitePool {
    let (commits, acquired) = (Arc::clone(gate), Arc::clone(gate));
    SqlitePoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .after_connect(move |connection, _| {
            let gate = Arc::clone(&commits);
            Box::pin(async move {
                gate.is_new.store(true, Ordering::Release);
                connection.lock_handle().await?.set_commit_hook(move || gate.may_commit.load(Ordering::Acquire));
                Ok(())
            })
        })
        // Replaces a connection that failed, or that is still in a transaction.
        .before_acquire(move |connection, _| {
            let sound = !acquired.suspect.swap(false, Ordering::AcqRel) && !connection.is_in_transaction();
            Box::pin(async move { Ok(sound) })
        })
        .connect_lazy_with(options(path))
}

pub(super) fn reading(path: &Path) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(2)
        .test_before_acquire(false)
        .connect_lazy_with(options(path).pragma("query_only", "ON"))
}

#[cfg(test)]
mod tests {
    use sqlx::ConnectOptions as _;

    use super::*;

    #[tokio::test]
    async fn a_suspect_connection_is_replaced_and_a_sound_one_stays() {
        let path = std::env::temp_dir().join(format!("aghanim-hooks-{}-replaced.db", std::process::id()));
        options(&path).create_if_missing(true).connect().await.unwrap().close().await.unwrap();
        let gate = Arc::new(Gate::default());
        let pool = writing(&path, &gate);
        let is_new = || gate.is_new.swap(false, Ordering::AcqRel);
        drop(pool.acquire().await.unwrap());
        assert!(is_new());
        drop(pool.acquire().await.unwrap());
        assert!(!is_new(), "a sound connection stays");
        gate.suspect.store(true, Ordering::Release);
        drop(pool.acquire().await.unwrap());
        assert!(is_new(), "suspect");
        pool.close().await;
        std::fs::remove_file(&path).unwrap();
    }
}
