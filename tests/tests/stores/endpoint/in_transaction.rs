//! Handlers with `Tx`.

use std::sync::Arc;
use std::time::Duration;

use aghanim_hooks::idempotency::PostgresStore;
use sqlx::postgres::PgPoolOptions;
use tokio::time::timeout;

use super::Endpoint;
use crate::fixture::{Backend, Fixture};

crate::suite!(sqlite, postgres => [
    a_handler_that_keeps_its_transaction_gets_no_answer,
    others_go_on_while_one_fails,
]);

async fn a_handler_that_keeps_its_transaction_gets_no_answer(fixture: Fixture) {
    let endpoint = Endpoint::start(fixture).await;
    assert_eq!(endpoint.ask("keeps", "k").await.status, 503);
    assert_eq!(endpoint.ask("keeps", "k").await.status, 200);
    assert_eq!((endpoint.runs(), endpoint.effects().await), (2, 1));
}

async fn others_go_on_while_one_fails(fixture: Fixture) {
    let endpoint = Arc::new(Endpoint::start(fixture).await);
    let tasks: Vec<_> = (0..40)
        .map(|i| {
            let endpoint = endpoint.clone();
            let player = if i % 4 == 0 { "declined" } else { "p" };
            tokio::spawn(async move { endpoint.ask(player, &format!("k{i}")).await.status })
        })
        .collect();
    for (i, task) in tasks.into_iter().enumerate() {
        assert_eq!(task.await.unwrap(), if i % 4 == 0 { 400 } else { 200 });
    }
    assert_eq!(endpoint.effects().await, 30);
}

/// Thirty-two duplicates need no more than one connection, and when there is none for another key, that waits its time
/// and is told to come again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn duplicates_share_a_connection_and_an_exhausted_pool_is_a_503() {
    let Some(fixture) = crate::fixture::postgres().await else { return };
    let Backend::Postgres { database, .. } = &fixture.backend else { unreachable!() };
    let pool = PgPoolOptions::new().max_connections(1).connect(database.url()).await.unwrap();
    let store = PostgresStore::options().pool(pool.clone()).await.unwrap();
    let endpoint = Arc::new(Endpoint::on(fixture, store, |hooks| hooks.timeout(Duration::from_secs(1))).await);
    let tasks: Vec<_> = (0..32)
        .map(|_| {
            let endpoint = endpoint.clone();
            tokio::spawn(async move { endpoint.ask("takes-its-time", "k").await.status })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), 200);
    }
    let taken = pool.acquire().await.unwrap();
    let answer = timeout(Duration::from_secs(3), endpoint.ask("p", "another")).await.expect("it does not hang");
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    drop(taken);
    assert_eq!(endpoint.ask("p", "another").await.status, 200);
}
