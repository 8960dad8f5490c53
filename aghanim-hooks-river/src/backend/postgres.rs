use aghanim_hooks::idempotency::StoreError;
use riverqueue::database::{PostgresDatabase, SchemaName};
use riverqueue::migrate::PostgresMigrator;
use riverqueue::{Client, ClientBuilder, Error, InsertOpts, JobRow, JobUpdateParams, WorkContext};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool, Pool, Postgres, Transaction};

use super::{Backend, Counts, LATEST, advance_statement, counts_statement, in_both};
use crate::args::Args;

/// The advisory lock under which one instance creates the tables. The number is arbitrary, and not one of River's locks.
const MIGRATION_LOCK: i64 = 0x6167_6861_6e69_6d01;

const OLDEST: &str = "coalesce(extract(epoch FROM now() - min(created_at) \
                      FILTER (WHERE state IN ('available', 'retryable', 'running', 'scheduled'))), 0)::float8";

fn schema_name(schema: Option<&str>) -> Result<SchemaName, StoreError> {
    schema.map_or(Ok(SchemaName::default()), |schema| SchemaName::new(schema).map_err(StoreError::new))
}

#[expect(private_interfaces, reason = "the trait is sealed")]
impl Backend for Postgres {
    /// A schema of our own: River's leader discards stuck jobs of kinds that it does not know, so it must not share
    /// tables with a game's own River.
    const SCHEMA: Option<&'static str> = Some("aghanim_later");

    fn table(schema: Option<&str>, name: &str) -> Result<String, StoreError> {
        Ok(schema_name(schema)?.qualify(name))
    }

    fn client(pool: &PgPool, schema: Option<&str>) -> Result<ClientBuilder, StoreError> {
        Ok(Client::builder(PostgresDatabase::new(pool.clone()).with_schema(schema_name(schema)?)))
    }

    async fn migrate(pool: &PgPool, schema: Option<&str>) -> Result<(), StoreError> {
        let schema = schema_name(schema)?;
        // The lock is held by a connection outside the pool. If this fails, the connection is closed and the lock is free.
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
            schema.qualify(LATEST)
        );
        sqlx::query(AssertSqlSafe(create)).execute(&mut lock).await.map_err(StoreError::new)?;
        lock.close().await.map_err(StoreError::new)
    }

    async fn begin(pool: &PgPool) -> Result<Transaction<'static, Self>, StoreError> {
        riverqueue::database::begin_postgres(pool).await.map_err(StoreError::new)
    }

    in_both!(OLDEST);
}

/// Creates the schema if it is missing. `CREATE SCHEMA IF NOT EXISTS` would need the right to create one in any case.
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
