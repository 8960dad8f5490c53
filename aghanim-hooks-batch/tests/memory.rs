//! The memory of a long batch is flat: 20,000 events by default, `AGHANIM_BATCH_LINES=1000000` makes it a million.
//!
//! It is a process of its own, because it reads the most memory that the process ever had.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use aghanim_hooks::events::Order;
use aghanim_hooks::idempotency::{Sqlite, SqliteStore, Tx};
use aghanim_hooks::{Rejection, Secret, Webhooks, webhook, webhooks};
use aghanim_hooks_batch::{Batch, Report};
use sqlx::{ConnectOptions as _, Executor as _};
use tempfile::TempDir;
use tokio::io::{AsyncRead, ReadBuf};

const MEGABYTE: u64 = 1024 * 1024;

/// Makes a file as it is read.
struct Orders {
    next: u64,
    end: u64,
    line: String,
    read: usize,
}

impl Orders {
    fn new(next: u64, end: u64) -> Self {
        Self { next, end, line: String::new(), read: 0 }
    }
}

impl AsyncRead for Orders {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        while buffer.remaining() > 0 {
            if self.read == self.line.len() {
                if self.next == self.end {
                    break;
                }
                let id = self.next;
                self.line.clear();
                writeln!(
                    self.line,
                    r#"{{"event_id":"whevt_{id}","event_type":"order.paid","idempotency_key":"key {id}","event_data":{{"id":"ord_{id}","amount":{id},"currency":"USD","items":[{{"id":"itm_1","sku":"gems","name":"{:300}","quantity":1}}],"created_at":1760000000}}}}"#,
                    "Gems"
                )
                .map_err(io::Error::other)?;
                self.read = 0;
                self.next += 1;
            }
            let size = buffer.remaining().min(self.line.len() - self.read);
            let from = self.read;
            buffer.put_slice(&self.line.as_bytes()[from..from + size]);
            self.read += size;
        }
        Poll::Ready(Ok(()))
    }
}

#[webhook("order.paid")]
async fn paid(mut tx: Tx<Sqlite>, order: Order) -> Result<(), Rejection> {
    sqlx::query("INSERT INTO paid (id, amount) VALUES (?1, ?2)")
        .bind(&order.id)
        .bind(order.amount)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// The most memory of this process so far, in bytes. `None` where the system does not tell.
fn most_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

async fn run(hooks: &Webhooks, from: u64, to: u64) -> Report {
    Batch::new(hooks, ()).unwrap().concurrency(64).run(Orders::new(from, to)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_memory_of_a_batch_does_not_grow_with_the_file() {
    let lines = env::var("AGHANIM_BATCH_LINES").map_or(20_000, |lines| lines.parse().expect("a number"));
    let first = lines / 10;
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("game.db");
    let store = SqliteStore::open(&file).await.unwrap();
    let mut connection = sqlx::sqlite::SqliteConnectOptions::new().filename(&file).connect().await.unwrap();
    connection.execute("CREATE TABLE paid (id text PRIMARY KEY, amount bigint)").await.unwrap();
    let hooks = Webhooks::new(Secret::new("whsec_4f1c9d0a77b2e8d6").unwrap(), webhooks![paid]).idempotency(store);

    assert_eq!(run(&hooks, 0, first).await.answered, first);
    let before = most_memory();
    let began = Instant::now();
    let report = run(&hooks, 0, lines).await;
    let took = began.elapsed();
    assert_eq!((report.replayed, report.answered, report.failed), (first, lines - first, 0));
    let (count, sum): (i64, i64) =
        sqlx::query_as("SELECT count(*), sum(amount) FROM paid").fetch_one(&mut connection).await.unwrap();
    let expected = i64::try_from(lines).unwrap();
    assert_eq!((count, sum), (expected, expected * (expected - 1) / 2));

    let Some((before, after)) = before.zip(most_memory()) else { return };
    eprintln!(
        "{lines} lines of {} bytes in {took:.1?}: {} kB at most after {first} lines, {} kB after all",
        report.bytes / lines,
        before / 1024,
        after / 1024
    );
    assert!(after - before < 8 * MEGABYTE, "from {before} to {after} bytes");
}
