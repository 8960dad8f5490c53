//! The wait for a connection of a pool that is used up.

use std::time::{Duration, Instant};

use aghanim_hooks::idempotency::{Claimed, IdempotencyStore, PostgresStore};
use aghanim_hooks_tests::postgres;
use aghanim_hooks_tests::proxy::Proxy;
use sqlx::postgres::PgPoolOptions;
use tokio::time::timeout;

use crate::fixture::{answer, claim, outcome};

/// With a handler at work on the only connection, the next delivery fails before its deadline, and says why.
#[tokio::test]
async fn the_wait_ends_before_the_deadline() {
    let Some(server) = postgres::server() else { return };
    let database = server.database().await;
    let proxy = Proxy::start(database.url()).await;
    let store = PostgresStore::options().pool(proxy.pool().await).await.unwrap();
    let Claimed::Mine(busy) = store.begin(&claim("busy")).await.unwrap() else { panic!("not free") };

    let mut waiting = claim("waiting");
    let started = Instant::now();
    waiting.deadline = started + Duration::from_secs(1);
    let error = timeout(Duration::from_secs(1), store.begin(&waiting)).await.expect("the store ends it").err().unwrap();
    assert!(error.to_string().contains("pool timed out"), "{error}");
    assert!(started.elapsed() >= Duration::from_millis(800), "it waited");

    busy.commit(&answer("ok")).await.unwrap();
    waiting.deadline = Instant::now() + Duration::from_secs(10);
    assert_eq!(outcome(store.begin(&waiting).await.unwrap()), Claimed::Mine(()));
}

/// A handler with `Tx` that takes a second connection of the same pool can wait for itself.
#[tokio::test]
async fn a_pool_of_one_is_used_up_by_one_transaction() {
    let Some(server) = postgres::server() else { return };
    let database = server.database().await;
    let options = PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_millis(100));
    let pool = options.connect(database.url()).await.unwrap();
    let store = PostgresStore::options().pool(pool.clone()).await.unwrap();
    let mut patient = claim("k");
    patient.deadline = Instant::now() + Duration::from_secs(30);
    // The store's own removal of old answers may have the connection for a moment.
    let transaction = loop {
        match store.begin(&patient).await {
            Ok(Claimed::Mine(transaction)) => break transaction,
            Ok(_) => panic!("not free"),
            Err(error) => assert!(error.to_string().contains("pool timed out"), "{error}"),
        }
    };
    assert!(matches!(pool.acquire().await, Err(sqlx::Error::PoolTimedOut)));
    transaction.commit(&answer("ok")).await.unwrap();
    pool.acquire().await.unwrap();
}
