use std::sync::Arc;
use std::time::Duration;

use aghanim_hooks::idempotency::{PostgresStore, StoreError};
use aghanim_hooks_benches::keyed::{self, INVENTORY};
use aghanim_hooks_tests::postgres::{self, Database};
use axum::Router;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Executor as _, PgPool};

use crate::{AT_ONCE, Error, OLD, Stock};

/// Rows such as the store writes them; $1 is how many, $2 the youngest one's age in seconds.
const FILL: &str = r#"INSERT INTO aghanim_idempotency (digest, game_id, sandbox, event_type, idempotency_key, fingerprint,
    touched_at, status, content_type, body)
SELECT sha256(uuid_send(gen_random_uuid())), 'gm_exTAyxPsVwh', false, 'item.add', 'ik_' || left(md5(random()::text), 20),
    sha256(int8send(i)), clock_timestamp() - $2 * interval '1 second', 200, 'application/json', '{"status":"ok"}'
FROM generate_series(1, $1) AS i"#;

pub(crate) struct PostgresTable {
    /// Removes the database or its files when it is dropped.
    _database: Database,
    pool: PgPool,
    store: Arc<PostgresStore>,
}

impl PostgresTable {
    pub(crate) async fn open() -> Result<Option<Self>, Error> {
        let Some(server) = postgres::server() else { return Ok(None) };
        let database = server.database().await;
        let connections = u32::try_from(AT_ONCE)?;
        let pool = PgPoolOptions::new().max_connections(connections).test_before_acquire(false);
        let pool = pool.connect(database.url()).await?;
        pool.execute(INVENTORY).await?;
        let store = Arc::new(PostgresStore::options().pool(pool.clone()).await?);
        Ok(Some(Self { _database: database, pool, store }))
    }

    async fn add(&self, keys: u64, age: Duration) -> Result<(), Error> {
        let fill = sqlx::query(FILL).bind(i64::try_from(keys)?).bind(i64::try_from(age.as_secs())?);
        fill.execute(&self.pool).await?;
        Ok(())
    }
}

impl Stock for PostgresTable {
    const NAME: &'static str = "PostgresStore";

    fn endpoints(&self) -> Vec<(&'static str, Router)> {
        vec![("transaction", keyed::in_postgres(self.store.clone()))]
    }

    async fn fill(&mut self, keys: u64) -> Result<String, Error> {
        self.add(keys, Duration::ZERO).await?;
        // The server would do this by itself later.
        self.pool.execute("VACUUM ANALYZE aghanim_idempotency").await?;
        self.pool.execute("CHECKPOINT").await?;
        Ok(String::new())
    }

    async fn bytes(&self) -> Result<u64, Error> {
        let size = sqlx::query_scalar("SELECT pg_total_relation_size('aghanim_idempotency')");
        let size: i64 = size.fetch_one(&self.pool).await?;
        Ok(size.try_into()?)
    }

    async fn add_old(&self, keys: u64) -> Result<bool, Error> {
        // Makes the store look old: a new store removes nothing until it knows its clock.
        self.pool
            .execute(
                "UPDATE aghanim_idempotency_meta \
                 SET clock_seen = (extract(epoch FROM clock_timestamp()) * 1000)::bigint, hold_until = 0",
            )
            .await?;
        self.add(keys, OLD).await?;
        Ok(true)
    }

    async fn prune(&self) -> Result<u64, StoreError> {
        self.store.prune().await
    }
}
