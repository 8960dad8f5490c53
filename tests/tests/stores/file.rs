//! The SQLite file is deleted, replaced or damaged while the store uses it: nothing is acknowledged any more.
#![cfg(unix)]

use std::fs::{self, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use aghanim_hooks::idempotency::{Claimed, IdempotencyStore, SqliteStore, StoreError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use tempfile::TempDir;

use crate::fixture::{answer, claim, outcome};

struct Setup {
    store: SqliteStore,
    path: PathBuf,
    directory: TempDir,
}

/// A store with a few hundred answers in its file.
async fn setup() -> Setup {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("game.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let deliveries = (0..200).map(|n| deliver(&store, format!("before {n}")));
    for delivered in futures_util::future::join_all(deliveries).await {
        delivered.unwrap();
    }
    Setup { store, path, directory }
}

/// Claims a key, and stores an answer of some length in the same transaction.
async fn deliver(store: &SqliteStore, name: String) -> Result<(), StoreError> {
    match store.begin(&claim(&name)).await? {
        Claimed::Mine(transaction) => transaction.commit(&answer(&name.repeat(100))).await,
        other => panic!("not free: {:?}", outcome(other)),
    }
}

impl Setup {
    async fn deliver(&self, name: &str) -> Result<(), StoreError> {
        deliver(&self.store, name.to_owned()).await
    }

    /// Fails unless everything is refused, for this reason.
    async fn expect_stopped(&self, reason: &str) {
        // The first may fail before anyone knows why.
        self.deliver("after").await.unwrap_err();
        for attempt in 0..3 {
            let error = self.deliver(&format!("after {attempt}")).await.unwrap_err().to_string();
            assert!(error.contains(reason) && error.contains("game.db"), "{error}");
        }
        let error = self.store.claim(&claim("lease")).await.unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }

    /// Moves everything from the `-wal` into the file.
    async fn checkpoint(&self) {
        let mut connection = SqliteConnectOptions::new().filename(&self.path).connect().await.unwrap();
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
        connection.close().await.unwrap();
    }
}

#[tokio::test]
async fn deleted() {
    let setup = setup().await;
    fs::remove_file(&setup.path).unwrap();
    setup.expect_stopped("was deleted or moved").await;
    assert!(!setup.path.exists(), "no empty file takes its place");
}

#[tokio::test]
async fn deleted_while_a_handler_runs() {
    let setup = setup().await;
    let Claimed::Mine(transaction) = setup.store.begin(&claim("k")).await.unwrap() else { panic!("not free") };
    fs::remove_file(&setup.path).unwrap();
    transaction.commit(&answer("lost")).await.unwrap_err();
    setup.expect_stopped("was deleted or moved").await;
}

#[tokio::test]
async fn replaced() {
    let setup = setup().await;
    let backup = setup.directory.path().join("backup.db");
    fs::copy(&setup.path, &backup).unwrap();
    fs::rename(&backup, &setup.path).unwrap();
    setup.expect_stopped("was replaced by another file").await;
}

#[tokio::test]
async fn moved_away_and_back() {
    let setup = setup().await;
    let away = setup.directory.path().join("away.db");
    fs::rename(&setup.path, &away).unwrap();
    setup.expect_stopped("was deleted or moved").await;
    fs::rename(&away, &setup.path).unwrap();
    setup.deliver("after all").await.unwrap();
    let stored = setup.store.lookup(&claim("before 7").key).await.unwrap().unwrap();
    assert_eq!(stored.answer, answer(&"before 7".repeat(100)));
}

#[tokio::test]
async fn its_log_is_deleted() {
    for suffix in ["wal", "shm"] {
        let setup = setup().await;
        fs::remove_file(setup.directory.path().join(format!("game.db-{suffix}"))).unwrap();
        setup.expect_stopped("`-wal` or `-shm`").await;
    }
}

/// As a bad disk or a stray program does it. SQLite has the pages in memory, and notices nothing.
#[tokio::test]
async fn zeroed_pages() {
    let setup = setup().await;
    setup.checkpoint().await;
    setup.deliver("the last one").await.unwrap();
    zero(&setup.path, 4 * 4096);
    setup.expect_stopped("is damaged").await;
    drop(setup.store);
    let error = SqliteStore::open(&setup.path).await.unwrap_err().to_string();
    assert!(error.contains("is damaged"), "found when it is opened: {error}");
}

#[tokio::test]
async fn emptied() {
    let setup = setup().await;
    setup.checkpoint().await;
    OpenOptions::new().write(true).open(&setup.path).unwrap().set_len(0).unwrap();
    setup.expect_stopped("is damaged").await;
}

/// Everything from this place on becomes zero. The length stays.
fn zero(path: &Path, from: u64) {
    let length = fs::metadata(path).unwrap().len();
    assert!(length > from + 4096, "there is something to damage: {length}");
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(from)).unwrap();
    file.write_all(&vec![0; usize::try_from(length - from).unwrap()]).unwrap();
}

/// A vacuum, a checkpoint and another program's writes change the file too.
#[tokio::test]
async fn what_sqlite_does_itself_is_no_damage() {
    let setup = setup().await;
    let mut connection = SqliteConnectOptions::new().filename(&setup.path).connect().await.unwrap();
    for sql in [
        "PRAGMA busy_timeout = 5000",
        "CREATE TABLE grants (what TEXT)",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "DELETE FROM aghanim_idempotency WHERE idempotency_key < 'before 5'",
        "VACUUM",
        "PRAGMA wal_checkpoint(TRUNCATE)",
    ] {
        connection.execute(sql).await.unwrap();
        setup.deliver(sql).await.unwrap();
    }
}
