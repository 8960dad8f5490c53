use std::time::Duration;

use aghanim_hooks::idempotency::StoreError;
use riverqueue::database::SqliteDatabase;
use riverqueue::migrate::SqliteMigrator;
use riverqueue::{Client, ClientBuilder, Error, InsertOpts, JobRow, JobUpdateParams, WorkContext};
use sqlx::{AssertSqlSafe, Pool, Sqlite, SqlitePool, Transaction};

use super::{Backend, Counts, LATEST, advance_statement, counts_statement, in_both};
use crate::args::Args;

const OLDEST: &str = "coalesce(unixepoch('subsec') - unixepoch(min(created_at) \
     FILTER (WHERE state IN ('available', 'retryable', 'running', 'scheduled')), 'subsec'), 0.0)";

#[expect(private_interfaces, reason = "the trait is sealed")]
impl Backend for Sqlite {
    const SCHEMA: Option<&'static str> = None;

    /// SQLite has no schemas: `client` refuses one.
    fn table(_: Option<&str>, name: &str) -> Result<String, StoreError> {
        Ok(name.to_owned())
    }

    fn client(pool: &SqlitePool, schema: Option<&str>) -> Result<ClientBuilder, StoreError> {
        if let Some(schema) = schema {
            return Err(StoreError::new(format!("SQLite has no schemas: remove `.schema(\"{schema}\")`")));
        }
        Ok(Client::builder(SqliteDatabase::new(pool.clone())))
    }

    async fn migrate(pool: &SqlitePool, _: Option<&str>) -> Result<(), StoreError> {
        migrate_up(pool).await?;
        let create = format!(
            "CREATE TABLE IF NOT EXISTS {LATEST} (entity TEXT PRIMARY KEY, event_time INTEGER NOT NULL) WITHOUT ROWID"
        );
        sqlx::query(AssertSqlSafe(create)).execute(pool).await.map(drop).map_err(StoreError::new)
    }

    async fn begin(pool: &SqlitePool) -> Result<Transaction<'static, Self>, StoreError> {
        riverqueue::database::begin_sqlite_write(pool).await.map_err(StoreError::new)
    }

    in_both!(OLDEST);
}

/// Runs River's migrations. If two processes create the tables at once, River 0.5.0 fails in one of them, because it looks
/// for the tables and creates them in two steps. The next try finds what the other process has created.
async fn migrate_up(pool: &SqlitePool) -> Result<(), StoreError> {
    let migrator = SqliteMigrator::new(pool.clone());
    let mut tries = 0..20;
    loop {
        match migrator.migrate_up().await {
            Ok(_) => return Ok(()),
            Err(_) if tries.next().is_some() => tokio::time::sleep(Duration::from_millis(50)).await,
            Err(error) => return Err(StoreError::new(error)),
        }
    }
}
