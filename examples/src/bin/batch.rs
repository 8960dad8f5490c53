//! Puts the file of a `batch.ready` through the handlers of a game, with a progress bar.
//!
//! Run `cargo run --bin batch -- events.jsonl`, or download it with a client of your choice and read it from standard
//! input: `curl --fail --silent "$URL" | cargo run --bin batch -- -`. Kill it at any moment and run it again: each order
//! is paid once. With `--checkpoint FILE`, the next run goes on where the last one was. To see it work, make a file first:
//! `cargo run --bin batch -- --sample 100000 > events.jsonl`.

use std::io::{BufWriter, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::pin::Pin;

use aghanim_hooks::events::{Analytics, Order};
use aghanim_hooks::idempotency::{Sqlite, SqliteStore, Tx};
use aghanim_hooks::{Rejection, Secret, Webhooks, webhook, webhooks};
use aghanim_hooks_batch::{Batch, Report};
use aghanim_hooks_examples::log;
use aghanim_hooks_serve::told_to_stop;
use anyhow::{Context, bail};
use clap::Parser;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Executor as _};
use tokio::fs::File;
use tokio::io::AsyncRead;

#[derive(Parser)]
struct Arguments {
    /// The file, or `-` for standard input
    #[arg(required_unless_present = "sample")]
    file: Option<PathBuf>,
    /// The game's database, which is created if missing
    #[arg(long, default_value = "game.db")]
    database: PathBuf,
    /// The file that keeps the progress; one for each file of events
    #[arg(long)]
    checkpoint: Option<PathBuf>,
    /// The number of events that are handled at once
    #[arg(long, default_value_t = 32)]
    concurrency: usize,
    /// Write a file of this many events to standard output, and end
    #[arg(long)]
    sample: Option<u64>,
}

#[webhook("order.paid")]
async fn paid(mut tx: Tx<Sqlite>, order: Order) -> Result<(), Rejection> {
    sqlx::query("INSERT INTO paid (order_id, amount) VALUES (?1, ?2)")
        .bind(&order.id)
        .bind(order.amount)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

#[webhook("analytics.*")]
async fn seen(mut tx: Tx<Sqlite>, event: Analytics) -> Result<(), Rejection> {
    sqlx::query("INSERT INTO seen (name) VALUES (?1)").bind(&event.name).execute(&mut *tx).await?;
    Ok(())
}

/// The same endpoint as the one that receives deliveries, so that both share keys and answers.
async fn hooks(database: &PathBuf) -> anyhow::Result<Webhooks> {
    let store = SqliteStore::open(database).await?;
    let tables = "CREATE TABLE IF NOT EXISTS paid (order_id text, amount bigint); \
        CREATE TABLE IF NOT EXISTS seen (name text)";
    SqliteConnectOptions::new().filename(database).connect().await?.execute(tables).await?;
    // This process receives nothing, so it verifies nothing.
    let mut random = [0; 32];
    getrandom::fill(&mut random)?;
    Ok(Webhooks::new(Secret::new(const_hex::encode(random))?, webhooks![paid, seen]).idempotency(store))
}

/// A bar that shows the bytes read, and a reader that moves it.
async fn open(file: &PathBuf) -> anyhow::Result<(ProgressBar, Pin<Box<dyn AsyncRead + Send>>)> {
    let style = "{spinner} {bytes} of {total_bytes} {wide_bar} {msg}, {elapsed}";
    let (bar, reader): (_, Pin<Box<dyn AsyncRead + Send>>) = if file.as_os_str() == "-" {
        (ProgressBar::no_length(), Box::pin(tokio::io::stdin()))
    } else {
        let open = File::open(file).await.with_context(|| format!("can't open {}", file.display()))?;
        (ProgressBar::new(open.metadata().await?.len()), Box::pin(open))
    };
    if !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let bar = bar.with_style(ProgressStyle::with_template(style)?);
    let reader = Box::pin(bar.wrap_async_read(reader));
    Ok((bar, reader))
}

fn sample(events: u64) -> std::io::Result<()> {
    let mut output = BufWriter::new(std::io::stdout().lock());
    for id in 1..=events {
        writeln!(
            output,
            r#"{{"event_id":"whevt_{id}","event_type":"order.paid","idempotency_key":"k{id}","event_data":{{"id":"ord_{id}","amount":499,"currency":"USD","items":[],"created_at":1760000000}}}}"#
        )?;
    }
    output.flush()
}

async fn run(arguments: Arguments) -> anyhow::Result<Report> {
    let file = arguments.file.context("name a file")?;
    let hooks = hooks(&arguments.database).await?;
    let (bar, reader) = open(&file).await?;
    let shown = bar.clone();
    let mut batch = Batch::new(&hooks, ())?
        .concurrency(arguments.concurrency)
        .progress(move |report| shown.set_message(format!("{} events, {} failed", report.events, report.failed)));
    if let Some(checkpoint) = arguments.checkpoint {
        batch = batch.checkpoint(checkpoint);
    }
    let ended = tokio::select! {
        ended = batch.run(reader) => ended,
        () = told_to_stop() => bail!("stopped; run it again to go on"),
    };
    bar.finish_and_clear();
    ended.map_err(|error| {
        println!("{}", error.report());
        error.into()
    })
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    log();
    let arguments = Arguments::parse();
    if let Some(events) = arguments.sample {
        return Ok(sample(events)?);
    }
    let report = run(arguments).await?;
    println!("{report}");
    if report.failed > 0 {
        bail!("{} events failed", report.failed);
    }
    Ok(())
}
