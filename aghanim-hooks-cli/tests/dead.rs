//! `aghanim-hooks dead` as a process, on a database of each kind.

use std::time::Duration;

use aghanim_hooks::events::Order;
use aghanim_hooks::idempotency::{PostgresStore, SqliteStore};
use aghanim_hooks::testing::{Sample as _, TestClient};
use aghanim_hooks::{Rejection, Secret, Webhooks, webhook, webhooks};
use aghanim_hooks_river::{Backend, River};
use aghanim_hooks_tests::postgres;
use axum::Router;
use axum::routing::post;
use serde_json::Value;
use snapbox::cmd::{Command, OutputAssert};
use sqlx::PgPool;
use tempfile::TempDir;

#[webhook("order.paid", later(attempts = 1))]
async fn book(event: Order) -> Result<(), Rejection> {
    // The sender's text must not reach the terminal as it is.
    Err(Rejection::internal(format!("the ledger\u{1b}[2J has no place for {}", event.id)))
}

/// Receives two orders, and works them until both are dead.
async fn two_dead<Db: Backend>(hooks: Webhooks, river: River<Db>) {
    let app = Router::new().route("/webhook", post(hooks.clone()));
    let client = TestClient::new(app, Secret::new("whsec_4f1c9d0a77b2e8d6").unwrap());
    for key in ["k1", "k2"] {
        assert_eq!(client.send(Order::sample()).event_type("order.paid").key(key).answer().await.status, 200);
    }
    let worker = hooks.worker().start().await.unwrap();
    for _ in 0..400 {
        if river.dead_letters().list(10).await.unwrap().len() == 2 {
            return worker.stop().await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the jobs did not die");
}

fn settings<Db: Backend>(river: River<Db>) -> River<Db> {
    river.poll(Duration::from_millis(50))
}

async fn dead(database: &str, arguments: &[&str]) -> OutputAssert {
    let command = Command::new(snapbox::cmd::cargo_bin!("aghanim-hooks"))
        .env("DATABASE_URL", database)
        .arg("dead")
        .args(arguments);
    tokio::task::spawn_blocking(|| command.assert()).await.unwrap()
}

fn stdout(output: &OutputAssert) -> String {
    String::from_utf8(output.get_output().stdout.clone()).unwrap()
}

/// Lists, shows, retries and drops the two dead letters of this database.
async fn looked_after(database: &str) {
    let list = stdout(&dead(database, &["list"]).await.code(0));
    let ids: Vec<_> = list.lines().map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!(ids.len(), 2, "{list}");
    assert!(list.contains("order.paid") && list.contains("has no place for") && !list.contains('\u{1b}'), "{list}");

    let page = stdout(&dead(database, &["show", ids[0]]).await.code(0));
    assert!(page.contains("\nreason     all attempts failed") && page.contains("\nbody       {"), "{page}");
    let json = stdout(&dead(database, &["--json", "show", ids[0]]).await.code(0));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["event_type"], &json["attempts"]), (&"order.paid".into(), &1.into()));

    assert_eq!(stdout(&dead(database, &["retry", ids[0]]).await.code(0)), format!("{} is worked again\n", ids[0]));
    dead(database, &["drop", ids[1]]).await.code(0);
    assert_eq!(stdout(&dead(database, &["list"]).await.code(0)), "no dead letters\n");
    let depth = stdout(&dead(database, &["depth"]).await.code(0));
    assert!(depth.starts_with("waiting 1, running 0, retrying 0, dead 0"), "{depth}");
    dead(database, &["retry", ids[1]]).await.code(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_on_sqlite() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("game.db");
    let store = SqliteStore::open(&file).await.unwrap();
    let river = settings(River::open(&file).await.unwrap());
    let hooks: Webhooks = Webhooks::new(Secret::new("whsec_4f1c9d0a77b2e8d6").unwrap(), webhooks![book])
        .idempotency(store)
        .later(river.clone());
    two_dead(hooks, river).await;
    looked_after(&format!("sqlite:{}", file.display())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_on_postgres() {
    let Some(server) = postgres::server() else { return };
    let database = server.database().await;
    let pool = PgPool::connect(database.url()).await.unwrap();
    let river = settings(River::new(pool.clone()).migrate().await.unwrap());
    let hooks: Webhooks = Webhooks::new(Secret::new("whsec_4f1c9d0a77b2e8d6").unwrap(), webhooks![book])
        .idempotency(PostgresStore::options().pool(pool).await.unwrap())
        .later(river.clone());
    two_dead(hooks, river).await;
    looked_after(database.url()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_there_is_not_a_database_without_dead_letters() {
    let output = dead("sqlite:/nowhere/game.db", &["list"]).await.code(3);
    assert!(!output.get_output().stderr.is_empty() && stdout(&output).is_empty());
    dead("mysql://localhost/game", &["list"]).await.code(2);
}
