use aghanim_hooks::idempotency::StoreError;
use riverqueue::database::{PostgresDatabase, SchemaName};
use riverqueue::migrate::PostgresMigrator;
use riverqueue::{Client, ClientBuilder, Error, InsertOpts, JobRow, JobUpdateParams, WorkContext};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool, Postgres, Transaction};

use super::{Backend, Counts, advance_statement};
use crate::args::Args;

/// Only one instance makes the tables. The number has no meaning; River locks none of this range.
const MIGRATION_LOCK: i64 = 0x6167_6861_6e69_6d01;

fn name(schema: Option<&str>) -> Result<SchemaName, StoreError> {
    schema.map_or(Ok(SchemaName::default()), |schema| SchemaName::new(schema).map_err(StoreError::new))
}

#[expect(private_interfaces, reason = "the trait is sealed")]
impl Backend for Postgres {
    /// A schema of our own: River's leader discards stuck jobs of kinds that it does not know, so it must not share
    /// tables with a game's own River.
    const SCHEMA: Option<&'static str> = Some("aghanim_later");

    fn client(pool: &PgPool, schema: Option<&str>) -> Result<ClientBuilder, StoreError> {
        Ok(Client::builder(PostgresDatabase::new(pool.clone()).with_schema(name(schema)?)))
    }

    async fn migrate(pool: &PgPool, schema: Option<&str>) -> Result<(), StoreError> {
        let schema = name(schema)?;
        // The lock belongs to this connection, which leaves the pool and ends here: if it breaks, the lock is free.
        let mut lock = pool.acquire().await.map_err(StoreError::new)?.detach();
        sqlx::query("SELECT pg_advisory_lock($1)")
            .bind(MIGRATION_LOCK)
            .execute(&mut lock)
            .await
            .map_err(StoreError::new)?;
        create_schema(&mut lock, &schema).await.map_err(StoreError::new)?;
        let migrator = PostgresMigrator::new(pool.clone()).with_schema(schema.clone());
        migrator.migrate_up().await.map_err(StoreError::new)?;
        let create = format!(
            "CREATE TABLE IF NOT EXISTS {} (entity text PRIMARY KEY, event_time bigint NOT NULL)",
            schema.qualify("aghanim_latest")
        );
        sqlx::query(AssertSqlSafe(create)).execute(&mut lock).await.map_err(StoreError::new)?;
        lock.close().await.map_err(StoreError::new)
    }

    async fn begin(pool: &PgPool) -> Result<Transaction<'static, Self>, StoreError> {
        riverqueue::database::begin_postgres(pool).await.map_err(StoreError::new)
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
        schema: Option<&str>,
        entity: &str,
        time: i64,
    ) -> Result<bool, StoreError> {
        let table = name(schema)?.qualify("aghanim_latest");
        let statement = advance_statement(&table);
        let done = sqlx::query(AssertSqlSafe(statement)).bind(entity).bind(time).execute(&mut **tx).await;
        let done = done.map_err(StoreError::new)?;
        Ok(done.rows_affected() > 0)
    }

    async fn counts(pool: &PgPool, schema: Option<&str>) -> Result<Counts, StoreError> {
        let table = name(schema)?.qualify("river_job");
        let statement = format!(
            "SELECT count(*) FILTER (WHERE state = 'available') AS waiting, \
                    count(*) FILTER (WHERE state = 'running') AS running, \
                    count(*) FILTER (WHERE state IN ('retryable', 'scheduled')) AS retrying, \
                    count(*) FILTER (WHERE state = 'discarded') AS dead, \
                    coalesce(extract(epoch FROM now() - min(created_at) \
                        FILTER (WHERE state IN ('available', 'retryable', 'running', 'scheduled'))), 0)::float8 AS oldest \
             FROM {table} WHERE kind = $1 AND state <> 'completed'"
        );
        sqlx::query_as(AssertSqlSafe(statement))
            .bind(<Args as riverqueue::JobArgs>::KIND)
            .fetch_one(pool)
            .await
            .map_err(StoreError::new)
    }
}

/// `CREATE SCHEMA IF NOT EXISTS` needs the right to create one even where it exists, so it is looked up first.
async fn create_schema(connection: &mut PgConnection, schema: &SchemaName) -> sqlx::Result<()> {
    let (Some(name), Some(quoted)) = (schema.as_deref(), schema.quoted_identifier()) else { return Ok(()) };
    let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)")
        .bind(name)
        .fetch_one(&mut *connection)
        .await?;
    if !exists {
        sqlx::query(AssertSqlSafe(format!("CREATE SCHEMA {quoted}"))).execute(connection).await?;
    }
    Ok(())
}
