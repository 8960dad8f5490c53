//! A game is killed with SIGKILL at random moments under load, at least 200 times, and started again. At the end, each
//! grant is there once, and a duplicate gets the answer that was sent first.
//!
//! `AGHANIM_STORM=10` makes it 2000 times, `AGHANIM_STORM_SEED=…` repeats the moments of a run.
#![cfg(unix)]

use std::time::Duration;

use aghanim_hooks_tests::exactly_once::{Database, Handler, Setup, Subject, Summary, storm_factor, suite};
use aghanim_hooks_tests::postgres;
use tempfile::TempDir;

const GAME: &str = env!("CARGO_BIN_EXE_game");

async fn crash(setup: &Setup, processes: usize, kills: u32) {
    let kills = kills * storm_factor();
    let summary = suite::crash(Subject::game(GAME, setup).await.unwrap(), processes, kills).await.unwrap();
    eprintln!("{:?}, {:?}: {summary:?}", setup.store, setup.handler);
    was_hit(summary, kills);
}

/// Checks that the kills interrupted deliveries: other kills prove nothing.
fn was_hit(summary: Summary, kills: u32) {
    assert!(summary.kills >= kills, "{summary:?}");
    assert!(summary.cut >= u64::from(kills), "a kill breaks off what is on its way: {summary:?}");
    assert!(summary.answers >= u64::from(kills) && summary.hung_up > 0, "{summary:?}");
}

#[tokio::test]
async fn on_sqlite() {
    let directory = TempDir::new().unwrap();
    crash(&Setup::new(Database::Sqlite(directory.path().join("game.db"))), 1, 200).await;
}

#[tokio::test]
async fn on_postgres_with_two_processes() {
    let Some(server) = postgres::server() else { return };
    let database = server.database().await;
    crash(&Setup::new(Database::Postgres(database.url().to_owned())), 2, 200).await;
}

/// Without a `Tx` an attempt that dies is made again, but what was answered stays so.
#[tokio::test]
async fn under_a_lease() {
    let lease =
        |database| Setup { handler: Handler::UnderLease, timeout: Duration::from_millis(400), ..Setup::new(database) };
    let directory = TempDir::new().unwrap();
    crash(&lease(Database::Sqlite(directory.path().join("game.db"))), 1, 20).await;
    let Some(server) = postgres::server() else { return };
    let database = server.database().await;
    crash(&lease(Database::Postgres(database.url().to_owned())), 2, 20).await;
}
