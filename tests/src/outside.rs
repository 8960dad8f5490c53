//! A database under test, seen from outside.

use std::path::Path;
use std::time::Duration;

use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Executor as _, PgPool, SqlitePool};
use tokio::time::{Instant, sleep};

/// The longest time of a statement on a busy machine, if no lock blocks it.
pub const SOON: Duration = Duration::from_secs(5);

/// Separate connections to a database under test.
#[derive(Debug)]
pub struct Outside(Kind);

#[derive(Debug)]
enum Kind {
    Sqlite(SqlitePool),
    Postgres { under_test: PgPool, outside: PgPool },
}

impl Outside {
    /// Opens a file.
    ///
    /// # Panics
    /// Panics if it can't be opened.
    pub async fn sqlite(path: &Path) -> Self {
        let options = SqliteConnectOptions::new().filename(path).busy_timeout(SOON);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await;
        Self(Kind::Sqlite(pool.expect("a database that can be opened")))
    }

    /// Connects to a server, beside the pool under test.
    ///
    /// # Panics
    /// Panics if it can't be reached.
    pub async fn postgres(url: &str, under_test: &PgPool) -> Self {
        let outside = PgPoolOptions::new().max_connections(1).connect(url).await.expect("a server that can be reached");
        Self(Kind::Postgres { under_test: under_test.clone(), outside })
    }

    /// Waits until no transaction is open, no lock is held, and all connections are back in the pool.
    ///
    /// # Errors
    /// The text says what is still open.
    ///
    /// # Panics
    /// Panics if the database can't be read.
    pub async fn nothing_open(&self) -> Result<(), String> {
        match &self.0 {
            // SQLite has one writer. If this connection may write, no other one is in a transaction.
            Kind::Sqlite(pool) => {
                let mut connection = pool.acquire().await.expect("a connection");
                connection
                    .execute("BEGIN IMMEDIATE")
                    .await
                    .map_err(|error| format!("a transaction is open: {error}"))?;
                connection.execute("ROLLBACK").await.expect("a transaction that can be rolled back");
                Ok(())
            }
            Kind::Postgres { under_test, outside } => {
                let until = Instant::now() + SOON;
                loop {
                    let (transactions, locks) = open(outside).await;
                    let (all, idle) = (under_test.size() as usize, under_test.num_idle());
                    if (transactions, locks) == (0, 0) && all == idle {
                        return Ok(());
                    }
                    if Instant::now() > until {
                        return Err(format!(
                            "{transactions} transactions and {locks} locks stay open, {idle} of {all} connections are idle"
                        ));
                    }
                    sleep(Duration::from_millis(2)).await;
                }
            }
        }
    }
}

/// The number of transactions and locks of others in this database.
async fn open(outside: &PgPool) -> (i64, i64) {
    const OPEN: &str = "SELECT
        (SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL),
        (SELECT count(*) FROM pg_locks
            WHERE pid <> pg_backend_pid()
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))";
    sqlx::query_as(OPEN).fetch_one(outside).await.expect("a server that answers")
}
