//! Receivers × workers × throughput on one PostgreSQL: each receiver and each worker is a process.
//!
//! Run `cargo bench -p aghanim-hooks-river --bench throughput`. It starts a PostgreSQL of its own, or uses the server
//! that `AGHANIM_TEST_POSTGRES` names. `SECONDS=…` is the length of one measurement (5), `SLOTS=…` the jobs that a worker
//! runs at the same time (10, the default of `River::workers`).
//!
//! For each cell of the table an empty database gets orders for some seconds, from as many senders as it takes to keep the
//! receivers busy. The senders run on the same machine and need processor time too.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{env, io};

use aghanim_hooks::events::Order;
use aghanim_hooks::idempotency::{Postgres, PostgresStore, Tx};
use aghanim_hooks::{Rejection, Secret, Webhooks, webhook, webhooks};
use aghanim_hooks_river::River;
use aghanim_hooks_tests::{postgres, signed};
use axum::{Router, routing::post};
use sqlx::{Executor as _, PgPool};

const ROLE: &str = "AGHANIM_THROUGHPUT_ROLE";
const DATABASE: &str = "AGHANIM_THROUGHPUT_DATABASE";
const SENDERS_PER_RECEIVER: usize = 8;
const COUNTS: [usize; 3] = [1, 2, 4];

#[webhook("order.paid", later)]
async fn book(mut tx: Tx<Postgres>, order: Order) -> Result<(), Rejection> {
    sqlx::query("INSERT INTO bookings (order_id, amount) VALUES ($1, $2)")
        .bind(&order.id)
        .bind(order.amount)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

fn secret() -> Secret {
    Secret::new("whsec_4f1c9d0a77b2e8d6").expect("a secret")
}

fn number(variable: &str, default: u64) -> u64 {
    env::var(variable).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

async fn hooks(database: &str) -> Result<Webhooks, Box<dyn std::error::Error>> {
    let pool = PgPool::connect(database).await?;
    let store = PostgresStore::options().pool(pool.clone()).await?;
    let slots = usize::try_from(number("SLOTS", 10))?;
    let river = River::new(pool).workers(slots).migrate().await?;
    Ok(Webhooks::new(secret(), webhooks![book]).idempotency(store).later(river))
}

/// The process of a receiver or a worker: it says that it is ready, and ends with its standard input.
async fn play(role: &str) -> Result<(), Box<dyn std::error::Error>> {
    let hooks = hooks(&env::var(DATABASE)?).await?;
    let worker = if role == "work" { Some(hooks.worker().start().await?) } else { None };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("{}", listener.local_addr()?);
    let router = Router::new().route("/webhook", post(hooks));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    tokio::task::spawn_blocking(|| io::copy(&mut io::stdin(), &mut io::sink())).await??;
    server.abort();
    if let Some(worker) = worker {
        worker.stop().await?;
    }
    Ok(())
}

struct Process {
    child: Child,
    address: SocketAddr,
}

impl Process {
    fn start(role: &str, database: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let mut command = Command::new(env::current_exe()?);
        let mut child =
            command.env(ROLE, role).env(DATABASE, database).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        Ok(Self { child, address: line.trim().parse()? })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        if let Err(error) = self.child.wait() {
            eprintln!("a process is lost: {error}");
        }
    }
}

/// Orders that were acknowledged and orders that were booked, per second.
async fn measure(
    server: &postgres::Server,
    receivers: usize,
    workers: usize,
    time: Duration,
) -> Result<(u64, u64), Box<dyn std::error::Error>> {
    let database = server.database().await;
    let pool = PgPool::connect(database.url()).await?;
    pool.execute("CREATE TABLE bookings (order_id text NOT NULL, amount bigint NOT NULL)").await?;
    // The first instance creates the tables.
    drop(hooks(database.url()).await?);
    let start =
        |count: usize, role| (0..count).map(|_| Process::start(role, database.url())).collect::<Result<Vec<_>, _>>();
    let (receivers, workers) = (start(receivers, "receive")?, start(workers, "work")?);

    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let began = Instant::now();
    let senders: Vec<_> = (0..receivers.len() * SENDERS_PER_RECEIVER)
        .map(|sender| {
            let address = receivers[sender % receivers.len()].address;
            let (stop, answered) = (Arc::clone(&stop), Arc::clone(&answered));
            tokio::spawn(async move {
                for number in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let id = format!("{sender}-{number}");
                    let body = format!(
                        r#"{{"event_type":"order.paid","event_id":"e-{id}","idempotency_key":"{id}","event_data":{{"id":"{id}","amount":499,"currency":"USD","created_at":1714147080,"player_id":"p","items":[]}}}}"#
                    );
                    match signed(&secret(), body).send(address).await {
                        Ok(response) if response.status == 200 => drop(answered.fetch_add(1, Ordering::Relaxed)),
                        other => eprintln!("not acknowledged: {other:?}"),
                    }
                }
            })
        })
        .collect();
    tokio::time::sleep(time).await;
    let booked: i64 = sqlx::query_scalar("SELECT count(*) FROM bookings").fetch_one(&pool).await?;
    let (answered, seconds) = (answered.load(Ordering::Relaxed), began.elapsed().as_secs_f64());
    stop.store(true, Ordering::Relaxed);
    for sender in senders {
        sender.await?;
    }
    drop((receivers, workers));
    pool.close().await;
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts of some seconds"
    )]
    let per_second = |count: u64| (count as f64 / seconds).round() as u64;
    Ok((per_second(answered), per_second(booked.unsigned_abs())))
}

async fn table() -> Result<(), Box<dyn std::error::Error>> {
    let Some(server) = postgres::server() else { return Ok(()) };
    let time = Duration::from_secs(number("SECONDS", 5));
    let mut out = io::stdout();
    writeln!(
        out,
        "orders acknowledged / booked, per second; {} jobs at the same time in each worker\n",
        number("SLOTS", 10)
    )?;
    writeln!(out, "| | 1 worker | 2 workers | 4 workers |\n|---|---|---|---|")?;
    for receivers in COUNTS {
        write!(out, "| {receivers} receiver{} |", if receivers == 1 { "" } else { "s" })?;
        for workers in COUNTS {
            let (answered, booked) = measure(server, receivers, workers, time).await?;
            write!(out, " {answered} / {booked} |")?;
            out.flush()?;
        }
        writeln!(out)?;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    match env::var(ROLE) {
        Ok(role) => play(&role).await,
        Err(_) => table().await,
    }
}
