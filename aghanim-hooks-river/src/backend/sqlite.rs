use std::time::Duration;

use aghanim_hooks::idempotency::StoreError;
use riverqueue::database::SqliteDatabase;
use riverqueue::migrate::SqliteMigrator;
use riverqueue::{Client, ClientBuilder, Error, InsertOpts, JobRow, JobUpdateParams, WorkContext};
use sqlx::{AssertSqlSafe, Sqlite, SqlitePool, Transaction};

use super::{Backend, Counts, advance_statement};
use crate::args::Args;

const LATEST: &str = "aghanim_latest";

#[expect(private_interfaces, reason = "the trait is sealed")]
impl Backend for Sqlite {
    const SCHEMA: Option<&'static str> = None;

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

    async fn insert(
        client: &Client,
        tx: &mut Transaction<'_, Self>,
        args: Args,
        options: InsertOpts,
    ) -> Result<i64, Error> {
        Ok(client.insert(args).opts(options).tx(tx).await?.id())
    }

    async fn complete(context: &WorkContext, tx: &mut Transaction<'_, Self>) -> Result<JobRow, Error> {
        context.job_complete_tx(tx).await
    }

    async fn retry(
        client: &Client,
        tx: &mut Transaction<'_, Self>,
        id: i64,
        metadata: serde_json::Map<String, serde_json::Value>,
    ) -> Result<JobRow, Error> {
        client.jobs().update(id, JobUpdateParams::default().metadata(metadata)).tx(&mut *tx).await?;
        client.jobs().retry(id).tx(tx).await
    }

    async fn advance(
        tx: &mut Transaction<'_, Self>,
        _: Option<&str>,
        entity: &str,
        time: i64,
    ) -> Result<bool, StoreError> {
        let statement = AssertSqlSafe(advance_statement(LATEST));
        let done = sqlx::query(statement).bind(entity).bind(time).execute(&mut **tx).await;
        Ok(done.map_err(StoreError::new)?.rows_affected() > 0)
    }

    async fn counts(pool: &SqlitePool, _: Option<&str>) -> Result<Counts, StoreError> {
        let statement = "SELECT count(*) FILTER (WHERE state = 'available') AS waiting, \
                count(*) FILTER (WHERE state = 'running') AS running, \
                count(*) FILTER (WHERE state IN ('retryable', 'scheduled')) AS retrying, \
                count(*) FILTER (WHERE state = 'discarded') AS dead, \
                coalesce(unixepoch('subsec') - unixepoch(min(created_at) \
                    FILTER (WHERE state IN ('available', 'retryable', 'running', 'scheduled')), 'subsec'), 0.0) AS oldest \
            FROM river_job WHERE kind = ?1 AND state <> 'completed'";
        sqlx::query_as(statement)
            .bind(<Args as riverqueue::JobArgs>::KIND)
            .fetch_one(pool)
            .await
            .map_err(StoreError::new)
    }
}

/// River's migrations. When two processes make the tables at once, River 0.5.0 fails in the slower one, as it looks for
/// them and creates them in two steps. That one then finds what the other created.
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
