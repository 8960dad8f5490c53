use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::error::DatabaseError;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, SqliteConnection};

use super::connections::{BUSY_TIMEOUT, options};
use super::file::{damaged, quick_check};
use crate::idempotency::StoreError;

/// One step per version, in order; never changed once released.
fn migrations(table: &str) -> [String; 1] {
    [format!(
        "CREATE TABLE {table} (
            digest BLOB NOT NULL PRIMARY KEY,
            game_id TEXT NOT NULL,
            sandbox INTEGER NOT NULL,
            event_type TEXT NOT NULL,
            idempotency_key TEXT NOT NULL,
            fingerprint BLOB NOT NULL,
            owner BLOB,
            lease_until INTEGER,
            touched_at INTEGER NOT NULL,
            status INTEGER,
            content_type BLOB,
            body BLOB
        ) WITHOUT ROWID;
        CREATE INDEX {table}_touched_at ON {table} (touched_at);"
    )]
}

/// Brings the table to this version. If several processes start at once, one does it and the others wait.
pub(super) async fn migrate(path: &Path, table: &str) -> Result<(), StoreError> {
    let started = Instant::now();
    // The first switch to WAL fails at once if another process does the same at that moment, so this retries.
    let mut connection = loop {
        match options(path).create_if_missing(true).connect().await {
            Ok(connection) => break connection,
            Err(sqlx::Error::Database(error)) if is_busy(&*error) && started.elapsed() < BUSY_TIMEOUT => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(error) => {
                let message = format!("can't open the SQLite database `{}`: {error}", path.display());
                return Err(StoreError::new(message));
            }
        }
    };
    if let Some(damage) = quick_check(&mut connection, path, table).await.map_err(StoreError::new)? {
        return Err(StoreError::new(damaged(path, &damage)));
    }
    migrate_on(&mut connection, table).await?;
    connection.close().await.map_err(StoreError::new)
}

/// `SQLITE_BUSY`, or one of its extended codes.
fn is_busy(error: &dyn DatabaseError) -> bool {
    error.code().and_then(|code| code.parse().ok()).is_some_and(|code: u32| code & 0xff == 5)
}

async fn migrate_on(connection: &mut SqliteConnection, table: &str) -> Result<(), StoreError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(StoreError::new)?;
    let meta = format!(
        "CREATE TABLE IF NOT EXISTS {table}_meta \
         (version INTEGER NOT NULL, clock_seen INTEGER NOT NULL, hold_until INTEGER NOT NULL);
         INSERT INTO {table}_meta SELECT 0, 0, 0 WHERE NOT EXISTS (SELECT 1 FROM {table}_meta);"
    );
    transaction.execute(AssertSqlSafe(meta)).await.map_err(StoreError::new)?;
    let version: i64 = sqlx::query_scalar(AssertSqlSafe(format!("SELECT version FROM {table}_meta")))
        .fetch_one(&mut *transaction)
        .await
        .map_err(StoreError::new)?;
    let steps = migrations(table);
    let done = usize::try_from(version).ok().filter(|done| *done <= steps.len()).ok_or_else(|| {
        StoreError::new(format!("the table `{table}` was made by a newer version of aghanim-hooks ({version})"))
    })?;
    if done == steps.len() {
        return transaction.rollback().await.map_err(StoreError::new);
    }
    for step in &steps[done..] {
        transaction.execute(AssertSqlSafe(step.as_str())).await.map_err(StoreError::new)?;
    }
    let version = format!("UPDATE {table}_meta SET version = {}", steps.len());
    transaction.execute(AssertSqlSafe(version)).await.map_err(StoreError::new)?;
    transaction.commit().await.map_err(StoreError::new)
}

#[cfg(test)]
mod tests {
    use sqlx::sqlite::SqliteConnectOptions;

    use super::*;
    use crate::coded::coded;

    #[test]
    fn busy_is_one_code_with_its_extensions() {
        let busy = |code| coded(code).as_database_error().is_some_and(is_busy);
        assert!(busy("5") && busy("261") && busy("517"));
        assert!(!busy("1") && !busy("6") && !busy("256") && !busy("none"));
    }

    #[tokio::test]
    async fn a_new_file_that_another_process_has_locked_is_waited_for() {
        let path = std::env::temp_dir().join(format!("aghanim-hooks-{}-locked.db", std::process::id()));
        let mut other = SqliteConnectOptions::new().filename(&path).create_if_missing(true).connect().await.unwrap();
        // SQLite does not wait for this lock when a file is switched to WAL.
        other.execute("CREATE TABLE other (n INTEGER)").await.unwrap();
        other.execute("BEGIN IMMEDIATE").await.unwrap();
        let (opened, ()) = tokio::join!(migrate(&path, "t"), async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            other.execute("ROLLBACK").await.unwrap();
        });
        opened.unwrap();
        other.close().await.unwrap();
        std::fs::remove_file(&path).unwrap();
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_refused_at_once() {
        let path = std::env::temp_dir().join(format!("aghanim-hooks-{}-refused.db", std::process::id()));
        std::fs::write(&path, "garbage ".repeat(1000)).unwrap();
        let started = Instant::now();
        let error = migrate(&path, "t").await.unwrap_err().to_string();
        assert!(error.contains("not a database") && started.elapsed() < BUSY_TIMEOUT, "{error}");
        std::fs::remove_file(&path).unwrap();
    }
}
