//! The cost of a delivery with a key, and of removing old keys, by the number of stored keys.
//!
//! It prints a table for each store, and writes a plot as SVG.
//!
//! ```sh
//! cargo run --release -p aghanim-hooks-benches --features stores --bin stored-keys -- --most 1000000
//! cargo run --release -p aghanim-hooks-benches --features stores --bin stored-keys -- --plot docs
//! ```
//!
//! Without `--most` the last step is 10 million keys, for which it wants 8 GB of memory and as much of disk. `--only` takes
//! names of stores: `memory,sqlite,postgres`. `--plot` takes a directory, for `growth-keys.svg`. PostgreSQL is the server
//! in `AGHANIM_TEST_POSTGRES`, or a private one with default settings.

mod memory;
mod postgres;
mod sqlite;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use aghanim_hooks::idempotency::StoreError;
use aghanim_hooks_benches::keyed::rate;
use aghanim_hooks_benches::median;
use aghanim_hooks_benches::plot::{Plot, Series};
use axum::Router;

/// The number of stored keys before each step.
const STEPS: [u64; 5] = [0, 10_000, 100_000, 1_000_000, 10_000_000];
/// Deliveries under way at once.
const AT_ONCE: usize = 16;
/// Deliveries in a round: few, since they stay in the store.
const DELIVERIES: usize = 1_000;
const ROUNDS: usize = 5;
/// The number of keys that the database stores remove at once.
const PRUNE_BATCH: u64 = 500;
/// An age beyond the default retention and a quarter of it more.
const OLD: Duration = Duration::from_hours(60 * 24);
const STORES: [&str; 3] = ["memory", "sqlite", "postgres"];

type Error = Box<dyn std::error::Error>;

/// A store that is filled step by step.
trait Stock {
    const NAME: &'static str;

    /// Its endpoints, and the ways they go.
    fn endpoints(&self) -> Vec<(&'static str, Router)>;

    /// Adds this many answered keys, in the form in which the store itself keeps them. Returns a remark.
    async fn fill(&mut self, keys: u64) -> Result<String, Error>;

    /// Bytes that it takes up.
    async fn bytes(&self) -> Result<u64, Error>;

    /// Adds this many answers that are due to be removed. False if the store removes them without being asked.
    async fn add_old(&self, keys: u64) -> Result<bool, Error>;

    /// One turn of housekeeping.
    async fn prune(&self) -> Result<u64, StoreError>;
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let options = Options::from_arguments();
    println!("{AT_ONCE} at once, the median of {ROUNDS} rounds of {DELIVERIES} deliveries");
    let mut series = Vec::new();
    if options.wants("memory") {
        series.extend(measure(memory::Memory::new(), options.most).await?);
    }
    if options.wants("sqlite") {
        series.extend(measure(sqlite::SqliteFile::open().await?, options.most).await?);
    }
    if options.wants("postgres")
        && let Some(stock) = postgres::PostgresTable::open().await?
    {
        series.extend(measure(stock, options.most).await?);
    }
    if let Some(directory) = options.plot {
        let plot = Plot { title: "A keyed delivery, 16 at once", x: "keys in the store", y: "µs", series };
        plot.write(&directory, "growth-keys.svg");
    }
    Ok(())
}

/// Prints a store's table, and returns a line of the plot for each way through it.
async fn measure<S: Stock>(mut stock: S, most: u64) -> Result<Vec<Series>, Error> {
    let ways: Vec<_> = stock.endpoints().into_iter().map(|(way, _)| way).collect();
    let mut series: Vec<_> = ways.iter().map(|way| Series::new(format!("{}, {way}", S::NAME), Vec::new())).collect();
    print!("\n### {}\n\n| keys | MB | ", S::NAME);
    for way in &ways {
        print!("{way}, µs | its duplicate, µs | ");
    }
    println!("looking for old ones, ms | forgetting {PRUNE_BATCH}, ms |");
    println!("|{}", "---|".repeat(4 + 2 * ways.len()));

    let mut filled = Vec::new();
    let mut keys = 0;
    for step in STEPS.into_iter().filter(|step| *step <= most) {
        if step > keys {
            let (started, missing) = (Instant::now(), step - keys);
            let note = stock.fill(missing).await?;
            filled.push(format!("{missing} keys in {:.1} s{note}", started.elapsed().as_secs_f64()));
            keys = step;
        }
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let megabytes = stock.bytes().await? as f64 / 1e6;
        print!("| {step} | {megabytes:.0} | ");
        for ((way, app), series) in stock.endpoints().into_iter().zip(&mut series) {
            let [fresh, duplicate] = deliver(&app, &format!("{way}-{step}")).await;
            print!("{fresh:.1} | {duplicate:.1} | ");
            let before = keys;
            keys += (ROUNDS * DELIVERIES) as u64;
            // The average number of keys in these rounds, so that an empty store has a place on the logarithmic axis.
            #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
            series.points.push((u64::midpoint(before, keys) as f64, fresh));
        }
        match housekeeping(&stock).await? {
            Some([looking, forgetting]) => println!("{looking:.2} | {forgetting:.1} |"),
            None => println!("– | – |"),
        }
    }
    println!("\nFilled: {}.", filled.join("; "));
    Ok(series)
}

/// Microseconds of the clock for a delivery whose key is new, and for its duplicate, which is answered from the store.
async fn deliver(app: &Router, name: &str) -> [f64; 2] {
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        for times in &mut times {
            let name = format!("{name}-{round}");
            let key = move |n| (n < DELIVERIES).then(|| format!("{name}-{n}"));
            times.push(1e6 / rate(app, AT_ONCE, key).await);
        }
    }
    times.map(median)
}

/// Milliseconds of a turn that finds nothing to remove, and of one that removes a full batch.
async fn housekeeping(stock: &impl Stock) -> Result<Option<[f64; 2]>, Error> {
    if !stock.add_old(0).await? {
        return Ok(None);
    }
    let mut looking = Vec::new();
    for _ in 0..ROUNDS {
        looking.push(timed(stock, 0).await?);
    }
    stock.add_old(PRUNE_BATCH * ROUNDS as u64).await?;
    let mut forgetting = Vec::new();
    for _ in 0..ROUNDS {
        forgetting.push(timed(stock, PRUNE_BATCH).await?);
    }
    Ok(Some([median(looking), median(forgetting)]))
}

async fn timed(stock: &impl Stock, expected: u64) -> Result<f64, Error> {
    let started = Instant::now();
    let forgotten = stock.prune().await?;
    let took = started.elapsed();
    // The store's own turn, once a minute, may have been faster.
    if forgotten != expected {
        eprintln!("{forgotten} were forgotten instead of {expected}");
    }
    Ok(took.as_secs_f64() * 1e3)
}

struct Options {
    most: u64,
    only: Vec<String>,
    plot: Option<PathBuf>,
}

impl Options {
    fn from_arguments() -> Self {
        let mut options = Self { most: u64::MAX, only: STORES.map(str::to_owned).to_vec(), plot: None };
        let mut arguments = std::env::args().skip(1);
        while let Some(name) = arguments.next() {
            let value = arguments.next().unwrap_or_else(|| panic!("{name} needs a value"));
            match name.as_str() {
                "--most" => options.most = value.parse().expect("a number of keys"),
                "--only" => options.only = value.split(',').map(str::to_owned).collect(),
                "--plot" => options.plot = Some(value.into()),
                other => panic!("{other} is no option: --most, --only, --plot"),
            }
        }
        for name in &options.only {
            assert!(STORES.contains(&name.as_str()), "{name} is no store: {STORES:?}");
        }
        options
    }

    fn wants(&self, store: &str) -> bool {
        self.only.iter().any(|only| only == store)
    }
}
