//! The promises of the example `later`: receivers and workers are killed at random moments, and each order that was
//! acknowledged is booked once; a dead letter can be found and explained.
//!
//! `AGHANIM_STORM=14` makes 200 kills of each role, `AGHANIM_STORM_SEED=…` repeats the moments of a run.
#![cfg(unix)]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aghanim_hooks::Secret;
use aghanim_hooks_river::{Backend, River};
use aghanim_hooks_tests::exactly_once::{Effects, History, Observed, Promise, seed, storm_factor};
use aghanim_hooks_tests::{postgres, signed};
use sqlx::{Pool, Row as _};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

const EXAMPLE: &str = env!("CARGO_BIN_EXE_later");
const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";

/// The kills of each role.
const KILLS: u32 = 15;
const SENDERS: usize = 4;

fn start(database: &str, role: &str) -> Child {
    Command::new(EXAMPLE)
        .args(["--database", database, "--role", role])
        .env("PORT", "0")
        .env("AGHANIM_WEBHOOK_SECRET", SECRET)
        .env("RUST_LOG", "error")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// The address that a receiver prints, or for a worker the line that says that it works.
async fn ready(child: &mut Child) -> Option<SocketAddr> {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let found = async {
        loop {
            let line = lines.next_line().await.unwrap().expect("the process ended before it was ready");
            if line.starts_with("working") {
                return None;
            }
            if let Some((_, rest)) = line.split_once("http://") {
                return Some(rest.split('/').next().unwrap().parse().unwrap());
            }
        }
    };
    let found = timeout(Duration::from_mins(1), found).await.expect("the process is ready within a minute");
    // The rest is read too, so that the pipe does not fill up.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    found
}

fn order(id: &str, player: &str) -> String {
    format!(
        r#"{{"event_type":"order.paid","event_id":"whevt_{id}","idempotency_key":"{id}","event_data":{{"id":"{id}","amount":499,"currency":"USD","created_at":1714147080,"player_id":"{player}","items":[]}}}}"#
    )
}

/// Sends orders until it is told to stop, each until it is answered and half of them twice.
async fn send(
    sender: usize,
    addresses: Arc<Vec<Mutex<Option<SocketAddr>>>>,
    history: Arc<Mutex<History>>,
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
) {
    let secret = Secret::new(SECRET).unwrap();
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        let id = format!("ord-{sender}-{number}");
        history.lock().unwrap().sent(&id);
        let mut left = 1 + number % 2;
        while left > 0 {
            let address = *addresses[fastrand::usize(..addresses.len())].lock().unwrap();
            let Some(address) = address else {
                sleep(Duration::from_millis(5)).await;
                continue;
            };
            let request = signed(&secret, order(&id, "2D2R-OP3C"));
            let observed = match timeout(Duration::from_secs(15), request.send(address)).await {
                Ok(Ok(response)) => Observed::answer(response),
                Ok(Err(_)) | Err(_) => Observed::Nothing,
            };
            if observed.is_final() {
                left -= 1;
                answered.fetch_add(1, Ordering::Relaxed);
            } else {
                sleep(Duration::from_millis(10)).await;
            }
            history.lock().unwrap().observe(&id, observed);
        }
        sleep(Duration::from_millis(10)).await;
    }
}

async fn killed_at_any_moment<Db: Backend>(database: &str, each: usize, river: River<Db>, pool: Pool<Db>)
where
    for<'c> &'c Pool<Db>: sqlx::Executor<'c, Database = Db>,
    for<'q> <Db as sqlx::Database>::Arguments: sqlx::IntoArguments<Db>,
    for<'r> &'static str: sqlx::ColumnIndex<Db::Row>,
    String: for<'r> sqlx::Decode<'r, Db> + sqlx::Type<Db>,
    i64: for<'r> sqlx::Decode<'r, Db> + sqlx::Type<Db>,
{
    let kills = KILLS * storm_factor();
    let mut random = fastrand::Rng::with_seed(seed(database.split(':').next().unwrap()));
    let addresses: Arc<Vec<_>> = Arc::new((0..each).map(|_| Mutex::new(None)).collect());
    let (mut receivers, mut workers) = (Vec::new(), Vec::new());
    for address in addresses.iter() {
        let mut receiver = start(database, "receive");
        *address.lock().unwrap() = ready(&mut receiver).await;
        receivers.push(receiver);
        let mut worker = start(database, "work");
        ready(&mut worker).await;
        workers.push(worker);
    }
    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let history = Arc::new(Mutex::new(History::default()));
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| {
            let shared = (Arc::clone(&addresses), Arc::clone(&history), Arc::clone(&stop), Arc::clone(&answered));
            tokio::spawn(send(sender, shared.0, shared.1, shared.2, shared.3))
        })
        .collect();

    for _ in 0..kills {
        let victim = random.usize(..each);
        sleep(Duration::from_millis(random.u64(0..200))).await;
        *addresses[victim].lock().unwrap() = None;
        receivers[victim].kill().await.unwrap();
        receivers[victim] = start(database, "receive");
        *addresses[victim].lock().unwrap() = ready(&mut receivers[victim]).await;

        let victim = random.usize(..each);
        sleep(Duration::from_millis(random.u64(0..200))).await;
        workers[victim].kill().await.unwrap();
        workers[victim] = start(database, "work");
        // Half of them are killed again while they start.
        if random.bool() {
            ready(&mut workers[victim]).await;
        }
    }
    stop.store(true, Ordering::Relaxed);
    for sender in senders {
        sender.await.unwrap();
    }
    let began = Instant::now();
    loop {
        let depth = river.depth().await.unwrap();
        if depth.unfinished() == 0 {
            assert_eq!(depth.dead, 0, "{depth:?}");
            break;
        }
        assert!(began.elapsed() < Duration::from_mins(2), "jobs are left: {depth:?}");
        sleep(Duration::from_millis(100)).await;
    }
    let rows = sqlx::query("SELECT order_id, count(*) AS times FROM bookings GROUP BY order_id")
        .fetch_all(&pool)
        .await
        .unwrap();
    let effects: HashMap<String, Effects> = rows
        .iter()
        .map(|row| (row.get("order_id"), Effects { times: row.get("times"), receipts: Vec::new() }))
        .collect();
    let history = Arc::into_inner(history).unwrap().into_inner().unwrap();
    eprintln!(
        "{kills} kills of each role, {} orders, {} answers, the last job done {:?} after the last order",
        history.keys().count(),
        answered.load(Ordering::Relaxed),
        began.elapsed()
    );
    let violations = history.check(&effects, Promise::Once);
    assert!(violations.is_empty(), "{violations:#?}");
    assert!(history.keys().count() >= kills as usize, "kills that nobody notices prove nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_each_acknowledged_order_is_booked_once() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("later.db");
    let river = River::open(&file).await.unwrap();
    let pool = river.pool().clone();
    killed_at_any_moment(&format!("sqlite:{}", file.display()), 1, river, pool).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres_each_acknowledged_order_is_booked_once() {
    let Some(server) = postgres::server() else { return };
    let database = server.database().await;
    let pool = sqlx::PgPool::connect(database.url()).await.unwrap();
    killed_at_any_moment(database.url(), 2, River::new(pool.clone()), pool).await;
}

#[tokio::test]
async fn an_unlucky_player_becomes_a_dead_letter_that_can_be_looked_at() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("later.db");
    let mut process = start(&format!("sqlite:{}", file.display()), "both");
    let address = ready(&mut process).await.unwrap();
    let began = Instant::now();
    let secret = Secret::new(SECRET).unwrap();
    let response = signed(&secret, order("ord-1", "unlucky")).send(address).await.unwrap();
    assert_eq!(response.status, 200);
    assert!(began.elapsed() < Duration::from_secs(2), "it is answered before it is worked");

    let river = River::open(&file).await.unwrap();
    let letter = loop {
        if let Some(letter) = river.dead_letters().list(10).await.unwrap().pop() {
            break letter;
        }
        assert!(began.elapsed() < Duration::from_mins(1));
        sleep(Duration::from_millis(50)).await;
    };
    assert!(letter.reason.to_string().contains("does not know this player"), "{letter:?}");
    assert_eq!(letter.failures.len(), 5);
    let booked: i64 = sqlx::query_scalar("SELECT count(*) FROM bookings").fetch_one(river.pool()).await.unwrap();
    assert_eq!(booked, 0);
}

#[test]
fn another_kind_of_database_is_refused_in_words() {
    let output = std::process::Command::new(EXAMPLE).args(["--database", "mysql://localhost/game"]).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && error.contains("`sqlite:FILE` or `postgres://…`"), "{error}");
}
