use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use aghanim_hooks::idempotency::PostgresStore;
use aghanim_hooks_benches::keyed::{self, deliver};
use sqlx::postgres::PgPoolOptions;

use crate::Error;

/// The time for which it delivers.
pub(crate) const TIME: Duration = Duration::from_secs(3);
/// The first argument of a process that is an instance.
const ARGUMENT: &str = "instance";

/// One process of many. It says a number when it is ready, and another when it is done: deliveries.
pub(crate) struct Instance {
    process: Child,
    says: BufReader<ChildStdout>,
}

impl Instance {
    pub(crate) fn start(url: &str, connections: u32) -> Result<Self, Error> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args([ARGUMENT, url, &connections.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn()?;
        let says = BufReader::new(process.stdout.take().expect("a pipe"));
        Ok(Self { process, says })
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    pub(crate) fn go(&mut self) -> Result<(), Error> {
        Ok(self.process.stdin.as_mut().expect("a pipe").write_all(b"go\n")?)
    }

    pub(crate) fn wait(&mut self) -> Result<u32, Error> {
        let mut line = String::new();
        self.says.read_line(&mut line)?;
        Ok(line.trim().parse()?)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        if let Err(error) = self.process.wait() {
            eprintln!("an instance is lost: {error}");
        }
    }
}

/// The settings of this process if it is an instance: the database, and the number of connections.
pub(crate) fn arguments() -> Option<(String, u32)> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => None,
        [name, url, connections] if name == ARGUMENT => {
            Some((url.clone(), connections.parse().expect("a number of connections")))
        }
        _ => panic!("there are no options"),
    }
}

/// Delivers when it is told to, and stays until its input ends, so that its CPU and that of its connections can be seen.
pub(crate) async fn run((url, connections): (String, u32)) -> Result<(), Error> {
    let pool = PgPoolOptions::new().min_connections(connections).max_connections(connections);
    let pool = pool.test_before_acquire(false).connect(&url).await?;
    let app = keyed::in_postgres(Arc::new(PostgresStore::options().pool(pool).await?));
    let at_once = usize::try_from(connections)?;
    let name = std::process::id();
    // Statements are prepared by the first deliveries of each connection.
    deliver(&app, at_once, move |n| (n < 50 * at_once).then(|| format!("{name}-first-{n}"))).await;
    println!("0");
    let mut input = std::io::stdin().lines();
    while input.next().transpose()?.is_some() {
        let until = Instant::now() + TIME;
        let done = deliver(&app, at_once, move |n| (Instant::now() < until).then(|| format!("{name}-{n}"))).await;
        println!("{done}");
    }
    Ok(())
}
