use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use aghanim_hooks::idempotency::{SqliteStore, StoreError};
use aghanim_hooks_benches::keyed::{self, INVENTORY};
use axum::Router;
use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Executor as _, SqliteConnection};
use tempfile::TempDir;

use crate::{Error, OLD, Stock};

/// Rows such as the store writes them; ?1 is how many, ?2 the time of the youngest.
const FILL: &str = r#"WITH RECURSIVE row (i) AS (SELECT 1 WHERE ?1 > 0 UNION ALL SELECT i + 1 FROM row WHERE i < ?1)
INSERT INTO aghanim_idempotency (digest, game_id, sandbox, event_type, idempotency_key, fingerprint, touched_at, status,
    content_type, body)
SELECT randomblob(32), 'gm_exTAyxPsVwh', 0, 'item.add', 'ik_' || lower(hex(randomblob(10))), randomblob(32), ?2 - ?1 + i,
    200, CAST('application/json' AS BLOB), CAST('{"status":"ok"}' AS BLOB)
FROM row"#;

pub(crate) struct SqliteFile {
    /// Removes the database or its files when it is dropped.
    _directory: TempDir,
    file: PathBuf,
    store: Arc<SqliteStore>,
}

impl SqliteFile {
    pub(crate) async fn open() -> Result<Self, Error> {
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("game.db");
        let store = Arc::new(SqliteStore::open(&file).await?);
        let stock = Self { _directory: directory, file, store };
        stock.connect().await?.execute(INVENTORY).await?;
        Ok(stock)
    }

    /// Digests come in no order, so pages are written again and again, unless all of them are in memory.
    async fn connect(&self) -> Result<SqliteConnection, Error> {
        let options = SqliteConnectOptions::new().filename(&self.file).synchronous(SqliteSynchronous::Off);
        Ok(options.pragma("cache_size", "-6000000").pragma("cache_spill", "OFF").connect().await?)
    }

    async fn add(&self, keys: u64, youngest: SystemTime) -> Result<(), Error> {
        let mut connection = self.connect().await?;
        let youngest = i64::try_from(youngest.duration_since(UNIX_EPOCH)?.as_millis())?;
        sqlx::query(FILL).bind(i64::try_from(keys)?).bind(youngest).execute(&mut connection).await?;
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        Ok(())
    }
}

impl Stock for SqliteFile {
    const NAME: &'static str = "SqliteStore";

    fn endpoints(&self) -> Vec<(&'static str, Router)> {
        vec![("lease", keyed::leased(self.store.clone())), ("transaction", keyed::in_sqlite(self.store.clone()))]
    }

    async fn fill(&mut self, keys: u64) -> Result<String, Error> {
        self.add(keys, SystemTime::now()).await?;
        Ok(String::new())
    }

    async fn bytes(&self) -> Result<u64, Error> {
        Ok(std::fs::metadata(&self.file)?.len())
    }

    async fn add_old(&self, keys: u64) -> Result<bool, Error> {
        // Makes the store look old: a new store removes nothing until it knows its clock.
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
        let clock = sqlx::query("UPDATE aghanim_idempotency_meta SET clock_seen = ?1, hold_until = 0");
        clock.bind(i64::try_from(now)?).execute(&mut self.connect().await?).await?;
        self.add(keys, SystemTime::now() - OLD).await?;
        Ok(true)
    }

    async fn prune(&self) -> Result<u64, StoreError> {
        self.store.prune().await
    }
}
