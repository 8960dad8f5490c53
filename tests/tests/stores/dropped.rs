//! A PostgreSQL store's future that is dropped while the answer to `BEGIN` is under way.
//!
//! sqlx 0.9.0 returns such a connection to the pool inside an open transaction. What the next user of the connection
//! writes is then acknowledged, and never committed.

use std::pin::pin;
use std::time::Duration;

use aghanim_hooks::idempotency::{Claimed, IdempotencyStore, PostgresStore};
use aghanim_hooks_tests::postgres::{self, Database};
use aghanim_hooks_tests::proxy::Proxy;
use futures_util::future::{Either, select};
use sqlx::PgPool;
use tokio::time::{sleep, timeout};

use crate::fixture::{answer, claim};

/// A pool of one connection through a proxy, and a second connection that looks at the database from outside.
struct Setup {
    proxy: Proxy,
    pool: PgPool,
    outside: PgPool,
    _database: Database,
}

/// `None` where there is no PostgreSQL; the screen says so.
async fn setup() -> Option<Setup> {
    let database = postgres::server()?.database().await;
    let proxy = Proxy::start(database.url()).await;
    let (pool, outside) = (proxy.pool().await, PgPool::connect(database.url()).await.unwrap());
    Some(Setup { proxy, pool, outside, _database: database })
}

impl Setup {
    /// A store that has removed old answers once, as it does when it is opened.
    async fn store(&self) -> PostgresStore {
        let store = self.new_store().await;
        let seen = "SELECT clock_seen FROM aghanim_idempotency_meta";
        while sqlx::query_scalar::<_, i64>(seen).fetch_one(&self.outside).await.unwrap() == 0 {
            sleep(Duration::from_millis(5)).await;
        }
        store
    }

    async fn new_store(&self) -> PostgresStore {
        PostgresStore::options().pool(self.pool.clone()).await.unwrap()
    }

    /// Polls a future until it has sent `BEGIN`, drops it, and only then delivers the answer.
    async fn drop_at_begin<T>(&self, future: impl Future<Output = T>) {
        self.proxy.hold_the_answer_to("BEGIN");
        match select(Box::pin(future), pin!(self.proxy.reached())).await {
            Either::Left(_) => panic!("it ended before `BEGIN` was sent"),
            Either::Right(((), dropped)) => drop(dropped),
        }
        self.proxy.release();
    }

    /// Fails if the pool's connection is inside a transaction when it is used again.
    async fn expect_no_transaction(&self) {
        // Waits until the connection is back in the pool.
        let connection: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&self.pool).await.unwrap();
        let state: String = sqlx::query_scalar("SELECT state FROM pg_stat_activity WHERE pid = $1")
            .bind(connection)
            .fetch_one(&self.outside)
            .await
            .unwrap();
        assert_eq!(state, "idle");
    }

    /// Answers a key under a lease, and looks from outside whether the answer is durable.
    async fn expect_a_lasting_answer(&self, store: &PostgresStore) {
        let claim = claim("the next delivery");
        assert_eq!(store.claim(&claim).await.unwrap(), Claimed::Mine(()));
        assert!(store.complete(&claim, &answer("kept")).await.unwrap());
        let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM aghanim_idempotency WHERE status = 200")
            .fetch_one(&self.outside)
            .await
            .unwrap();
        assert_eq!(kept, 1, "the answer was acknowledged, but it is not committed");
    }
}

#[tokio::test]
async fn a_delivery_with_a_key() {
    let Some(setup) = setup().await else { return };
    let store = setup.store().await;
    setup.drop_at_begin(store.begin(&claim("dropped"))).await;
    setup.expect_no_transaction().await;
    setup.expect_a_lasting_answer(&store).await;
}

#[tokio::test]
async fn a_delivery_without_a_key() {
    let Some(setup) = setup().await else { return };
    let store = setup.store().await;
    setup.drop_at_begin(store.open()).await;
    setup.expect_no_transaction().await;
    setup.expect_a_lasting_answer(&store).await;
}

/// The store removes old answers in a task of its own, which ends with the store.
#[tokio::test]
async fn removing_old_answers() {
    let Some(setup) = setup().await else { return };
    let store = setup.store().await;
    setup.drop_at_begin(store.prune()).await;
    setup.expect_no_transaction().await;
    setup.expect_a_lasting_answer(&store).await;
}

#[tokio::test]
async fn the_store_itself_at_its_start() {
    let Some(setup) = setup().await else { return };
    // Makes the tables, so that opening it again needs no transaction.
    drop(setup.store().await);
    setup.proxy.hold_the_answer_to("BEGIN");
    let store = setup.new_store().await;
    setup.proxy.reached().await;
    drop(store);
    // Lets the runtime drop the task before the answer comes.
    sleep(Duration::from_millis(50)).await;
    setup.proxy.release();
    setup.expect_no_transaction().await;
    setup.expect_a_lasting_answer(&setup.store().await).await;
}

#[tokio::test]
async fn opening_the_store() {
    let Some(setup) = setup().await else { return };
    setup.drop_at_begin(PostgresStore::options().pool(setup.pool.clone())).await;
    setup.expect_no_transaction().await;
    setup.expect_a_lasting_answer(&setup.store().await).await;
}

/// A caller that gave up while it waited for a connection takes no turn: the pool is short of connections already.
#[tokio::test]
async fn waiting_for_a_connection() {
    let Some(setup) = setup().await else { return };
    let store = setup.store().await;
    let busy = setup.pool.acquire().await.unwrap();
    setup.proxy.hold_the_answer_to("BEGIN");
    let waiting = claim("waiting");
    assert!(timeout(Duration::from_millis(50), store.begin(&waiting)).await.is_err());
    drop(busy);
    setup.expect_no_transaction().await;
    let begun = timeout(Duration::from_millis(200), setup.proxy.reached()).await;
    assert!(begun.is_err(), "`BEGIN` was sent for a caller that is gone");
}
