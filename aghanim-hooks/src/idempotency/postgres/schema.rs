use sqlx::{AssertSqlSafe, Executor as _, PgConnection, PgPool, Postgres, Transaction};

use super::connections::begin_on;
use super::statements::Names;
use crate::idempotency::StoreError;
use crate::idempotency::housekeeping::check_name;

/// The steps from each version to the next. A released step is never changed.
fn migrations(Names { table, index, .. }: &Names) -> [String; 1] {
    [format!(
        "CREATE TABLE {table} (
            digest bytea NOT NULL PRIMARY KEY,
            game_id text NOT NULL,
            sandbox boolean NOT NULL,
            event_type text NOT NULL,
            idempotency_key text NOT NULL,
            fingerprint bytea NOT NULL,
            owner bytea,
            lease_until timestamptz,
            touched_at timestamptz NOT NULL,
            status integer,
            content_type bytea,
            body bytea
        );
        CREATE INDEX {index} ON {table} (touched_at);"
    )]
}

/// Brings the tables to this version, and returns their names.
///
/// Instances that start at the same moment wait for each other. If the tables are there already, nothing is locked and
/// nothing is created, so the user needs no right to create anything.
pub(super) async fn migrate(pool: &PgPool, schema: Option<&str>, table: &str) -> Result<Names, StoreError> {
    check_name("table", table)?;
    let mut connection =
        pool.acquire().await.map_err(|error| StoreError::new(format!("can't connect to PostgreSQL: {error}")))?;
    let names = match schema {
        Some(schema) => {
            check_name("schema", schema)?;
            Names::new(schema, table)?
        }
        None => Names::new(&find_schema(&mut connection, table).await?, table)?,
    };
    let steps = migrations(&names);
    if version(&mut connection, &names).await? != Some(steps.len()) {
        migrate_in(begin_on(connection).await?, schema, &names, &steps).await?;
    }
    Ok(names)
}

/// The schema that has the tables, or else the one in which they would be created.
async fn find_schema(connection: &mut PgConnection, table: &str) -> Result<String, StoreError> {
    let schema: Option<String> = sqlx::query_scalar(
        "SELECT coalesce((SELECT nspname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace \
         WHERE pg_class.oid = to_regclass($1)), current_schema())::text",
    )
    .bind(format!("{table}_meta"))
    .fetch_one(connection)
    .await
    .map_err(StoreError::new)?;
    schema.ok_or_else(|| {
        StoreError::new("no schema of the connection's `search_path` exists: set `PostgresOptions::schema`")
    })
}

/// `None` if there is no table yet.
async fn version(connection: &mut PgConnection, names: &Names) -> Result<Option<usize>, StoreError> {
    let exists = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL").bind(&names.meta);
    if !exists.fetch_one(&mut *connection).await.map_err(StoreError::new)? {
        return Ok(None);
    }
    read_version(connection, names).await.map(Some)
}

async fn read_version(connection: &mut PgConnection, names: &Names) -> Result<usize, StoreError> {
    let version = sqlx::query_scalar(AssertSqlSafe(format!("SELECT version FROM {}", names.meta)));
    let version: i32 = version.fetch_one(connection).await.map_err(StoreError::new)?;
    usize::try_from(version).map_err(StoreError::new)
}

async fn migrate_in(
    mut transaction: Transaction<'static, Postgres>,
    schema: Option<&str>,
    names: &Names,
    steps: &[String],
) -> Result<(), StoreError> {
    execute(&mut transaction, "SELECT pg_advisory_xact_lock(hashtextextended('aghanim_hooks', 0))").await?;
    let meta = &names.meta;
    if let Some(schema) = schema {
        execute(&mut transaction, format!("CREATE SCHEMA IF NOT EXISTS {schema}")).await?;
    }
    // `IF NOT EXISTS` instead of a look: `to_regclass` may miss a table that was committed while this waited.
    execute(
        &mut transaction,
        format!(
            "CREATE TABLE IF NOT EXISTS {meta} \
             (version integer NOT NULL, clock_seen bigint NOT NULL, hold_until bigint NOT NULL);
             INSERT INTO {meta} SELECT 0, 0, 0 WHERE NOT EXISTS (SELECT FROM {meta})"
        ),
    )
    .await?;
    let done = read_version(&mut transaction, names).await?;
    let Some(left) = steps.get(done..) else {
        let table = &names.table;
        return Err(StoreError::new(format!(
            "the table `{table}` was made by a newer version of aghanim-hooks ({done})"
        )));
    };
    for step in left {
        execute(&mut transaction, step.clone()).await?;
    }
    execute(&mut transaction, format!("UPDATE {} SET version = {}", names.meta, steps.len())).await?;
    transaction.commit().await.map_err(StoreError::new)
}

async fn execute(connection: &mut PgConnection, sql: impl Into<String>) -> Result<(), StoreError> {
    connection.execute(AssertSqlSafe(sql.into())).await.map(drop).map_err(StoreError::new)
}
