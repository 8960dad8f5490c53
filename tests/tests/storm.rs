//! A storm of duplicates: 64 keys, each sent by 32 senders at once, on every store, in a transaction and under a lease.
//! One grant in seven fails after it has written. `AGHANIM_STORM=10` makes it ten storms.
#![cfg(unix)]

use aghanim_hooks_tests::exactly_once::{Database, Handler, Promise, Setup, Store, Subject, storm_factor, suite};
use aghanim_hooks_tests::postgres;
use tempfile::TempDir;

const GAME: &str = env!("CARGO_BIN_EXE_game");
const KEYS: usize = 64;
const DUPLICATES: usize = 32;

async fn storm(setup: &Setup, processes: usize) {
    // Nothing dies here, so that a lease promises as much as a transaction.
    let subject = Subject::game(GAME, setup).await.unwrap().promise(Promise::Once);
    let summary = suite::storm(subject, processes, KEYS, DUPLICATES).await.unwrap();
    eprintln!("{processes} processes, {:?}, {:?}: {summary:?}", setup.store, setup.handler);
    assert_eq!((summary.keys, summary.kills), (KEYS, 0), "{summary:?}");
    // Each sender, and the settlement.
    assert_eq!(summary.answers, (KEYS * DUPLICATES + KEYS) as u64, "{summary:?}");
    assert!(summary.unavailable > 0, "some grants fail: {summary:?}");
}

#[tokio::test]
async fn on_sqlite() {
    for _ in 0..storm_factor() {
        for handler in [Handler::InTransaction, Handler::UnderLease] {
            let directory = TempDir::new().unwrap();
            let database = Database::Sqlite(directory.path().join("game.db"));
            storm(&Setup { handler, ..Setup::new(database) }, 1).await;
        }
    }
}

#[tokio::test]
async fn on_postgres_with_two_processes() {
    let Some(server) = postgres::server() else { return };
    for _ in 0..storm_factor() {
        for handler in [Handler::InTransaction, Handler::UnderLease] {
            let database = server.database().await;
            storm(&Setup { handler, ..Setup::new(Database::Postgres(database.url().to_owned())) }, 2).await;
        }
    }
}

#[tokio::test]
async fn in_memory() {
    for _ in 0..storm_factor() {
        let directory = TempDir::new().unwrap();
        let database = Database::Sqlite(directory.path().join("game.db"));
        storm(&Setup { store: Store::Memory, handler: Handler::UnderLease, ..Setup::new(database) }, 1).await;
    }
}
