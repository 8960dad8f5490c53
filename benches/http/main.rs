//! The endpoint over HTTP, beside what it replaces and what it can't do without: requests per second, latency, CPU and
//! memory, as medians of interleaved rounds and as ratios to the hand-written handler.
//!
//! ```sh
//! cargo run --release -p aghanim-hooks-benches --features http --bin http
//! cargo run --release -p aghanim-hooks-benches --features http --bin http -- --seconds 2 --only ours,hand-written
//! cargo run --release -p aghanim-hooks-benches --features http --bin http -- --only ours,hand-written --connections 1,8,64,256,1000
//! ```
//!
//! It needs `wrk` (`apt-get install wrk`). Python, Node and Go are used where they are; what is missing is named. Servers
//! run on core 0 and the load on core 1, over the loopback interface, and all of them end with this command.

mod load;
mod process;
mod servers;
mod table;

use std::path::PathBuf;
use std::time::Duration;

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
    let scratch = std::env::temp_dir().join(format!("aghanim-hooks-benches-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).expect("a directory for temporary files");
    let cleanup = Cleanup(scratch.clone());

    let mut servers = servers::start(&options.only, &scratch);
    println!("{} s a turn, {} rounds", options.seconds, options.rounds);
    let bodies = samples::all();
    let turns = bodies.iter().flat_map(|body| options.connections.iter().map(move |connections| (body, *connections)));
    for ((name, body), connections) in turns {
        let load = Load::new(&scratch, &Delivery::new(body.clone()), connections);
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
        table::print(&format!("{name}, {connections} connections"), &rows);
    }
    println!("\n| server | requests served | resident memory, MB | most it ever was, MB |\n|---|---|---|---|");
    for server in &servers {
        let (now, most) = server.memory();
        println!("| {} | {} | {now:.1} | {most:.1} |", server.name, server.served);
    }
    drop(servers);
    drop(cleanup);
}

struct Options {
    seconds: u64,
    rounds: usize,
    /// Empty for all.
    only: Vec<String>,
    /// That the load is spread over; a table for each number.
    connections: Vec<usize>,
}

impl Options {
    fn from_arguments() -> Self {
        let mut options = Self { seconds: 4, rounds: 3, only: Vec::new(), connections: vec![64] };
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
                other => panic!("{other} is no option: --seconds, --rounds, --only, --connections"),
            }
        }
        options
    }
}

struct Cleanup(PathBuf);

impl Drop for Cleanup {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("{} was not removed: {error}", self.0.display());
        }
    }
}
