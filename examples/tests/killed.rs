//! The example's promise, on the example itself: killed at any moment and sent everything again, it neither loses an item
//! nor grants one twice. `AGHANIM_STORM=10` makes it ten times longer.
#![cfg(unix)]

use aghanim_hooks_tests::exactly_once::{Database, Subject, storm_factor, suite};
use aghanim_hooks_tests::postgres;
use tempfile::TempDir;

const EXAMPLE: &str = env!("CARGO_BIN_EXE_exactly_once");
const KILLS: u32 = 40;

async fn killed_at_any_moment(database: &Database, processes: usize) {
    let kills = KILLS * storm_factor();
    let subject = Subject::example(EXAMPLE, database).await.unwrap();
    let summary = suite::crash(subject, processes, kills).await.unwrap();
    eprintln!("{summary:?}");
    assert!(summary.kills >= kills && summary.cut >= u64::from(kills), "{summary:?}");
}

#[tokio::test]
async fn on_sqlite_no_item_is_lost_or_doubled() {
    let directory = TempDir::new().unwrap();
    killed_at_any_moment(&Database::Sqlite(directory.path().join("game.db")), 1).await;
}

#[tokio::test]
async fn on_postgres_no_item_of_two_instances_is_lost_or_doubled() {
    let Some(server) = postgres::server() else { return };
    let database = server.database().await;
    killed_at_any_moment(&Database::Postgres(database.url().to_owned()), 2).await;
}

#[test]
fn another_kind_of_database_is_refused_in_words() {
    let output = std::process::Command::new(EXAMPLE)
        .args(["--database", "mysql://localhost/game"])
        .env("PORT", "0")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("`sqlite:FILE` or `postgres://…`, not `mysql://localhost/game`"), "{error}");
}
