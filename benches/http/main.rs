//! The endpoint over HTTP, beside what it replaces and what it can't do without: requests per second, latency, CPU and
//! memory, as medians of interleaved rounds and as ratios to the hand-written handler.
//!
//! ```sh
//! cargo run --release -p aghanim-hooks-benches --features http --bin http
//! cargo run --release -p aghanim-hooks-benches --features http --bin http -- --seconds 2 --only ours,hand-written
//! cargo run --release -p aghanim-hooks-benches --features http --bin http -- --only ours,hand-written \
//!     --connections 1,8,64,256,1000 --plot docs
//! cargo run --release -p aghanim-hooks-benches --features http --bin http -- \
//!     --only ours,ours+subscriber,ours+spans,ours+lines,hand-written,hand-written+spans,hand-written+lines
//! ```
//!
//! `--plot` takes a directory, for `growth-connections.svg`. Servers with a `+` run only where they are named: see `server`.
//!
//! It needs `wrk` (`apt-get install wrk`). Python, Node and Go are used where they are; what is missing is named. Servers
//! run on core 0 and the load on core 1, over the loopback interface, and all of them end with this command.

mod load;
mod pinned;
mod servers;
mod table;

use std::path::{Path, PathBuf};
use std::time::Duration;

use aghanim_hooks_benches::plot::{Plot, Series};
use aghanim_hooks_benches::request::Delivery;
use aghanim_hooks_benches::samples;
use load::Load;
use table::Measured;

fn main() {
    let options = Options::from_arguments();
    if !load::available() {
        eprintln!("wrk was not found: `apt-get install wrk` (or your system's way), then run this again");
        std::process::exit(1);
    }
    let scratch = tempfile::tempdir().expect("a directory for temporary files");
    let mut servers = servers::start(&options.only, scratch.path());
    println!("{} s a turn, {} rounds", options.seconds, options.rounds);
    let bodies = samples::all();
    let mut tables = Vec::new();
    let turns = bodies.iter().flat_map(|body| options.connections.iter().map(move |connections| (body, *connections)));
    for ((name, body), connections) in turns {
        let load = Load::new(scratch.path(), &Delivery::new(body.clone()), connections);
        let mut rows: Vec<Measured> = servers.iter().map(|server| Measured::new(server.name)).collect();
        for server in &servers {
            load.run(server, Duration::from_secs(1));
        }
        for _ in 0..options.rounds {
            for (server, row) in servers.iter_mut().zip(&mut rows) {
                let before = server.cpu();
                let found = load.run(server, Duration::from_secs(options.seconds));
                row.add(&found, server.cpu().saturating_sub(before));
                server.served += found.requests;
            }
        }
        for (server, row) in servers.iter().zip(&mut rows) {
            row.resident = server.memory().0;
        }
        table::print(&format!("{name}, {connections} connections"), &rows);
        tables.push((*name, connections, rows));
    }
    println!("\n| server | requests served | the most memory it ever held, MB |\n|---|---|---|");
    for server in &servers {
        println!("| {} | {} | {:.1} |", server.name, server.served, server.memory().1);
    }
    if let Some(directory) = &options.plot {
        plot(&tables, directory);
    }
    // The servers use files in the directory, so they end first.
    drop(servers);
}

/// Requests a second by connections, a line for each body on each of the two servers that are compared.
fn plot(tables: &[(&str, usize, Vec<Measured>)], directory: &Path) {
    let mut series: Vec<Series> = Vec::new();
    for (body, connections, rows) in tables {
        let size: Vec<&str> = body.split(' ').take(2).collect();
        for row in rows.iter().filter(|row| ["ours", "hand-written"].contains(&row.name)) {
            let name = format!("{}, {}", size.join(" "), row.name);
            #[expect(clippy::cast_precision_loss, reason = "some thousands")]
            let point = (*connections as f64, row.per_second());
            match series.iter_mut().find(|series| series.name == name) {
                Some(series) => series.points.push(point),
                None => series.push(Series::new(name, vec![point])),
            }
        }
    }
    let plot = Plot { title: "Over HTTP", x: "connections", y: "requests/s", series };
    plot.write(directory, "growth-connections.svg");
}

struct Options {
    seconds: u64,
    rounds: usize,
    /// The servers to run. Empty for all.
    only: Vec<String>,
    /// The numbers of connections. Each gets its own table.
    connections: Vec<usize>,
    /// The directory for the plot, if one is wanted.
    plot: Option<PathBuf>,
}

impl Options {
    fn from_arguments() -> Self {
        let mut options = Self { seconds: 4, rounds: 3, only: Vec::new(), connections: vec![64], plot: None };
        let mut arguments = std::env::args().skip(1);
        while let Some(name) = arguments.next() {
            let value = arguments.next().unwrap_or_else(|| panic!("{name} needs a value"));
            match name.as_str() {
                "--seconds" => options.seconds = value.parse().expect("a number of seconds"),
                "--rounds" => options.rounds = value.parse().expect("a number of rounds"),
                "--only" => options.only = value.split(',').map(str::to_owned).collect(),
                "--connections" => {
                    options.connections =
                        value.split(',').map(|n| n.parse().expect("numbers of connections")).collect();
                }
                "--plot" => options.plot = Some(value.into()),
                other => panic!("{other} is no option: --seconds, --rounds, --only, --connections, --plot"),
            }
        }
        options
    }
}
