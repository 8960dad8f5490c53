//! The wait for a connection of a pool that is used up.

use std::time::{Duration, Instant};

use aghanim_hooks::idempotency::{Claimed, IdempotencyStore, PostgresStore};
use aghanim_hooks_tests::proxy::Proxy;
use aghanim_hooks_tests::{Log, postgres};
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

    let (log, _listening) = Log::listen();
    let mut waiting = claim("waiting");
    let started = Instant::now();
    waiting.deadline = started + Duration::from_secs(1);
    let error = timeout(Duration::from_secs(1), store.begin(&waiting)).await.expect("the store ends it").err().unwrap();
    assert!(error.to_string().contains("pool timed out"), "{error}");
    assert!(started.elapsed() >= Duration::from_millis(800), "it waited");
    assert!(log.text().contains("reason=\"pool_exhausted\""), "{}", log.text());

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

/// A firewall or a restart of the server ends idle connections.
#[tokio::test]
async fn a_connection_that_ended_while_it_was_idle_is_replaced() {
    let Some(server) = postgres::server() else { return };
    let database = server.database().await;
    let store = PostgresStore::connect(database.url()).await.unwrap();
    let outside = sqlx::PgPool::connect(database.url()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1200)).await;
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    sqlx::query(others).execute(&outside).await.unwrap();
    assert_eq!(store.claim(&claim("k")).await.unwrap(), Claimed::Mine(()));
}

/// A claim waits for another transaction no longer than its delivery has time.
#[tokio::test]
async fn a_claim_with_little_time_left_finds_the_key_in_flight() {
    let Some(server) = postgres::server() else { return };
    let database = server.database().await;
    let store = PostgresStore::connect(database.url()).await.unwrap();
    let Claimed::Mine(first) = store.begin(&claim("k")).await.unwrap() else { panic!("not free") };
    for left in [Duration::from_millis(300), Duration::from_millis(1200)] {
        let mut second = claim("k");
        let started = Instant::now();
        second.deadline = started + left;
        assert_eq!(outcome(store.begin(&second).await.unwrap()), Claimed::InFlight);
        assert!(started.elapsed() >= left / 2, "{:?} of {left:?}", started.elapsed());
    }
    first.commit(&answer("ok")).await.unwrap();
}

#[tokio::test]
async fn a_store_that_is_dropped_leaves_no_task_behind() {
    let Some(server) = postgres::server() else { return };
    let database = server.database().await;
    let pool = sqlx::PgPool::connect(database.url()).await.unwrap();
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let store = PostgresStore::options().pool(pool.clone()).await.unwrap();
    assert!(tasks() > before, "it removes old answers");
    drop(store);
    let until = Instant::now() + Duration::from_secs(5);
    while tasks() > before {
        assert!(Instant::now() < until, "{} tasks instead of {before}", tasks());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
