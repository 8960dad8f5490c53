//! Handlers with `Tx`.

use std::sync::Arc;
use std::time::Duration;

use aghanim_hooks::idempotency::PostgresStore;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::time::{sleep, timeout};

use super::{Endpoint, body, request};
use crate::fixture::{Backend, Fixture};

crate::suite!(sqlite, postgres => [
    a_handler_that_keeps_its_transaction_gets_no_answer,
    others_go_on_while_one_fails,
    without_a_key_writes_are_kept_only_if_the_event_is_accepted,
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

async fn without_a_key_writes_are_kept_only_if_the_event_is_accepted(fixture: Fixture) {
    // The guard would make a key of the signature.
    let endpoint = Endpoint::with(fixture, |hooks| hooks.replay_guard(false)).await;
    for (player, status, effects) in [("fails", 500, 0), ("declined", 400, 0), ("p", 200, 1), ("p", 200, 2)] {
        assert_eq!(endpoint.send(&request(&body(player, ""))).await.status, status, "{player}");
        assert_eq!(endpoint.effects().await, effects, "{player}");
    }
    assert_eq!(endpoint.runs(), 4, "every delivery counts");
}

/// Thirty-two duplicates need no more than the first one's connection: the other one is free for another key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn duplicates_wait_without_a_connection() {
    let Some((endpoint, _)) = with_connections(2, Duration::from_secs(20)).await else { return };
    let endpoint = Arc::new(endpoint);
    let tasks: Vec<_> = (0..32)
        .map(|_| {
            let endpoint = endpoint.clone();
            tokio::spawn(async move { endpoint.ask("waits", "k").await.status })
        })
        .collect();
    while endpoint.runs() == 0 {
        sleep(Duration::from_millis(10)).await;
    }
    // Time for the others to get where they would take one.
    sleep(Duration::from_millis(300)).await;
    let another = timeout(Duration::from_secs(10), endpoint.ask("p", "another")).await;
    assert_eq!(another.expect("there is a connection left").status, 200);
    endpoint.game.0.go_on.notify_one();
    for task in tasks {
        assert_eq!(task.await.unwrap(), 200);
    }
    assert_eq!((endpoint.runs(), endpoint.effects().await), (2, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exhausted_pool_is_a_503() {
    let Some((endpoint, pool)) = with_connections(1, Duration::from_secs(1)).await else { return };
    let taken = pool.acquire().await.unwrap();
    let answer = timeout(Duration::from_secs(10), endpoint.ask("p", "k")).await.expect("it does not hang");
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    drop(taken);
    assert_eq!(endpoint.ask("p", "k").await.status, 200);
    assert_eq!(endpoint.effects().await, 1);
}

/// An endpoint on PostgreSQL with this many connections.
async fn with_connections(count: u32, patience: Duration) -> Option<(Endpoint, PgPool)> {
    let fixture = crate::fixture::postgres().await?;
    let Backend::Postgres { database, .. } = &fixture.backend else { unreachable!() };
    let pool = PgPoolOptions::new().max_connections(count).connect(database.url()).await.unwrap();
    let store = PostgresStore::options().pool(pool.clone()).await.unwrap();
    Some((Endpoint::on(fixture, store, |hooks| hooks.timeout(patience)).await, pool))
}
