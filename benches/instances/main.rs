//! How the keyed deliveries of several instances that share one PostgreSQL add up, and whose CPU they take.
//!
//! ```sh
//! cargo run --release -p aghanim-hooks-benches --features stores --bin instances
//! ```
//!
//! Each instance is a process of its own, with an endpoint and a pool, and makes its own deliveries, one for each
//! connection at once. PostgreSQL is the server that `AGHANIM_TEST_POSTGRES` names, which must run on this machine for its
//! CPU to be seen, else one of our own, with its default settings. It needs Linux.

mod instance;

use std::time::{Duration, Instant};

use aghanim_hooks_benches::keyed::INVENTORY;
use aghanim_hooks_benches::process;
use aghanim_hooks_tests::postgres;
use instance::Instance;
use sqlx::{Connection as _, Executor as _, PgConnection};

const INSTANCES: [usize; 3] = [1, 2, 4];
/// The number of connections of each instance.
const CONNECTIONS: [u32; 4] = [1, 4, 8, 16];

type Error = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Error> {
    if let Some(arguments) = instance::arguments() {
        return instance::run(arguments).await;
    }
    let Some(server) = postgres::server() else { return Ok(()) };
    let database = server.database().await;
    let mut connection = PgConnection::connect(database.url()).await?;
    connection.execute(INVENTORY).await?;
    println!("Keyed deliveries in a transaction, {} s each\n", instance::TIME.as_secs());
    println!(
        "| instances | connections of each | deliveries/s | × | CPU of an instance, µs | CPU of PostgreSQL, µs | cores busy |"
    );
    println!("|{}", "---|".repeat(7));
    for connections in CONNECTIONS {
        let mut alone = None;
        for count in INSTANCES {
            let found = measure(&mut connection, database.url(), count, connections).await?;
            let Found { per_second, ours, theirs, cores } = found;
            let times = per_second / *alone.get_or_insert(per_second);
            println!(
                "| {count} | {connections} | {per_second:.0} | {times:.2} | {ours:.0} | {theirs:.0} | {cores:.2} |"
            );
        }
    }
    Ok(())
}

struct Found {
    per_second: f64,
    /// Microseconds of CPU for a delivery, in its instance and in PostgreSQL.
    ours: f64,
    theirs: f64,
    /// How many cores both of them kept busy.
    cores: f64,
}

async fn measure(observer: &mut PgConnection, url: &str, count: usize, connections: u32) -> Result<Found, Error> {
    let mut instances = (0..count).map(|_| Instance::start(url, connections)).collect::<Result<Vec<_>, _>>()?;
    for instance in &mut instances {
        instance.wait()?;
    }
    // Counts all of its processes: those that serve connections, and those that write.
    let postgres: Vec<i32> = sqlx::query_scalar("SELECT pid FROM pg_stat_activity").fetch_all(observer).await?;
    let postgres = postgres.into_iter().map(u32::try_from).collect::<Result<Vec<_>, _>>()?;
    let cpu = |instances: &[Instance]| -> [Duration; 2] {
        let ours = instances.iter().map(|instance| process::cpu(instance.id())).sum();
        [ours, postgres.iter().copied().map(process::cpu).sum()]
    };
    let (before, started) = (cpu(&instances), Instant::now());
    for instance in &mut instances {
        instance.go()?;
    }
    let mut done = 0;
    for instance in &mut instances {
        done += instance.wait()?;
    }
    let (after, took) = (cpu(&instances), started.elapsed().as_secs_f64());
    let [ours, theirs] = [0, 1].map(|of| after[of].as_secs_f64() - before[of].as_secs_f64());
    let done = f64::from(done);
    Ok(Found {
        per_second: done / took,
        ours: 1e6 * ours / done,
        theirs: 1e6 * theirs / done,
        cores: (ours + theirs) / took,
    })
}
