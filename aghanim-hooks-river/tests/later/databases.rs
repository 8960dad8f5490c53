//! A database of each kind for a test.

use std::time::Duration;

use aghanim_hooks_tests::postgres::{Database, server};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};
use tempfile::TempDir;

pub(crate) async fn sqlite(directory: &TempDir) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(directory.path().join("game.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(10));
    SqlitePoolOptions::new().max_connections(5).connect_with(options).await.unwrap()
}

/// `None`, with a message on standard error, if there is no server.
pub(crate) async fn postgres() -> Option<(Database, PgPool)> {
    let database = server()?.database().await;
    let pool = PgPoolOptions::new().max_connections(20).connect(database.url()).await.unwrap();
    Some((database, pool))
}

/// Makes two tests of a function that takes a pool.
macro_rules! on_both {
    ($test:ident) => {
        mod $test {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let directory = tempfile::TempDir::new().unwrap();
                super::$test(super::sqlite(&directory).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let Some((_database, pool)) = super::postgres().await else { return };
                super::$test(pool).await;
            }
        }
    };
}

pub(crate) use on_both;
