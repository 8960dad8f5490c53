//! A full disk: the receiver answers 503 and keeps nothing, the worker tries again, and both go on once there is room.
//!
//! The disk is a small file system in memory, which only root may mount. Elsewhere the tests say that they are skipped.
//! SQLite's file is on it as a whole. PostgreSQL's tables and indexes are, and its log is not: when that has no room,
//! PostgreSQL itself stops, which is the outage of other tests.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::databases::sqlite;
use crate::shop::{Base, Shop};
use aghanim_hooks_tests::exactly_once::{Effects, History, Observed, Promise};
use aghanim_hooks_tests::postgres::Cluster;
use sqlx::{AssertSqlSafe, Executor as _, Pool, Row as _};
use tempfile::TempDir;
use tokio::time::{Instant, sleep, timeout};

/// A small file system in memory.
struct Disk {
    directory: TempDir,
    /// The process that unmounts it, also if this one is killed: when its standard input ends.
    caretaker: Child,
}

impl Disk {
    const SCRIPT: &'static str = r#"trap : INT TERM HUP
mount -t tmpfs -o "size=$2,mode=777" tmpfs "$1" || exit 1
echo mounted
while read -r _; do :; done
umount -l "$1""#;

    /// `None`, with a message on standard error, if this user may not mount.
    fn mount(size: &str) -> Option<Self> {
        let directory = TempDir::new().unwrap();
        let mut caretaker = Command::new("sh")
            .args(["-c", Self::SCRIPT, "sh"])
            .arg(directory.path())
            .arg(size)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(caretaker.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if line.trim() == "mounted" {
            return Some(Self { directory, caretaker });
        }
        caretaker.wait().unwrap();
        // A right that cannot be installed, so this does not fail under `CI` either.
        drop(writeln!(io::stderr(), "SKIPPED a test of a full disk: this user may not mount a file system"));
        None
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn filler(&self) -> std::path::PathBuf {
        self.path().join("filler")
    }

    /// Takes all the room that is left.
    fn fill(&self) {
        let mut filler = File::options().create(true).append(true).open(self.filler()).unwrap();
        for size in [65_536, 4096, 1] {
            while filler.write_all(&vec![7; size]).is_ok() {}
        }
    }

    fn free(&self) {
        fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(self.caretaker.stdin.take());
        if let Err(error) = self.caretaker.wait() {
            eprintln!("the caretaker of a small disk is lost: {error}");
        }
    }
}

/// A parcel of 6 KB that do not compress, so that it needs room of its own.
fn parcel(id: &str) -> String {
    let load: String = std::iter::repeat_with(fastrand::alphanumeric).take(6000).collect();
    format!(
        r#"{{"event_type":"parcel.moved","idempotency_key":"{id}","event_time":1714147200,"event_data":{{"id":"{id}","place":1,"load":"{load}"}}}}"#
    )
}

/// The senders of a run, and what they saw.
#[derive(Default)]
struct Senders {
    history: Mutex<History>,
    acknowledged: AtomicUsize,
    refused: AtomicUsize,
    stop: AtomicBool,
}

impl Senders {
    /// Sends parcels until it is told to stop. Every second sender gives up a parcel that was answered with 503: nothing of
    /// it may be kept. The others send it again until it is acknowledged.
    async fn send<Db: Base>(&self, sender: usize, shop: &Shop<Db>) {
        for number in 0.. {
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            let id = format!("p-{sender}-{number}");
            let body = parcel(&id);
            self.history.lock().unwrap().sent(&id);
            loop {
                let response = shop.send(&body).await;
                let status = response.status;
                self.history.lock().unwrap().observe(&id, Observed::answer(response));
                match status {
                    200 => {
                        self.acknowledged.fetch_add(1, Ordering::Relaxed);
                        break;
                    }
                    503 => {
                        self.refused.fetch_add(1, Ordering::Relaxed);
                        sleep(Duration::from_millis(50)).await;
                    }
                    other => panic!("{other} is no answer for a full disk"),
                }
                if sender.is_multiple_of(2) || self.stop.load(Ordering::Relaxed) {
                    break;
                }
            }
            sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn until(what: &str, reached: impl AsyncFn() -> bool) {
    let latest = Instant::now() + Duration::from_secs(30);
    while !reached().await {
        assert!(Instant::now() < latest, "{what}");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn fills_up_and_has_room_again<Db: Base>(pool: Pool<Db>, disk: &Disk)
where
    for<'c> &'c Pool<Db>: sqlx::Executor<'c, Database = Db>,
    for<'q> <Db as sqlx::Database>::Arguments: sqlx::IntoArguments<Db>,
    &'static str: sqlx::ColumnIndex<Db::Row>,
    String: for<'r> sqlx::Decode<'r, Db> + sqlx::Type<Db>,
    i64: for<'r> sqlx::Decode<'r, Db> + sqlx::Type<Db>,
{
    // More attempts than a full disk can use up: what fails here is no dead letter.
    let shop = Arc::new(Shop::with_settings(pool, |hooks| hooks.later_attempts(1000)).await);
    let senders = Arc::new(Senders::default());
    let tasks: Vec<_> = (0..4)
        .map(|sender| {
            let (senders, shop) = (Arc::clone(&senders), Arc::clone(&shop));
            tokio::spawn(async move { senders.send(sender, &shop).await })
        })
        .collect();
    let (acknowledged, refused) = (&senders.acknowledged, &senders.refused);
    until("nothing is acknowledged", async || acknowledged.load(Ordering::Relaxed) >= 20).await;

    // It has acknowledged work to do when the disk fills up.
    let worker = shop.worker().await;
    disk.fill();
    until("a full disk is not noticed", async || refused.load(Ordering::Relaxed) >= 20).await;
    let late = tokio::spawn({
        let shop = Arc::clone(&shop);
        async move { shop.worker().await }
    });
    sleep(Duration::from_secs(1)).await;

    disk.free();
    let late = timeout(Duration::from_secs(30), late).await.expect("a worker starts once there is room").unwrap();
    let before = acknowledged.load(Ordering::Relaxed);
    until("nothing is acknowledged any more", async || acknowledged.load(Ordering::Relaxed) >= before + 20).await;
    senders.stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.unwrap();
    }
    shop.done().await;
    for worker in [worker, late] {
        worker.stop().await.unwrap();
    }

    assert_eq!(shop.river.depth().await.unwrap().dead, 0);
    let rows = sqlx::query("SELECT order_id, count(*) AS times FROM bookings GROUP BY order_id")
        .fetch_all(&shop.pool)
        .await
        .unwrap();
    let effects: HashMap<String, Effects> = rows
        .iter()
        .map(|row| (row.get("order_id"), Effects { times: row.get("times"), receipts: Vec::new() }))
        .collect();
    let history = senders.history.lock().unwrap();
    let violations = history.check(&effects, Promise::Once);
    assert!(violations.is_empty(), "{violations:#?}");
    assert!(effects.len() < history.keys().count(), "no parcel was given up, so nothing was shown of 503");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    let Some(disk) = Disk::mount("16m") else { return };
    fills_up_and_has_room_again(sqlite(&disk.directory).await, &disk).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let Some(disk) = Disk::mount("8m") else { return };
    let Some(cluster) = Cluster::start() else { return };
    cluster.give(disk.path());
    let server = cluster.server();
    let database = server.database().await;
    let admin = sqlx::PgPool::connect(database.url()).await.unwrap();
    let create = format!("CREATE TABLESPACE small LOCATION '{}'", disk.path().display());
    admin.execute(AssertSqlSafe(create)).await.unwrap();
    admin.execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_tablespace = small', current_database()); END $$").await.unwrap();
    admin.close().await;
    let pool = sqlx::PgPool::connect(database.url()).await.unwrap();
    fills_up_and_has_room_again(pool, &disk).await;
}
