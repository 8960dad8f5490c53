//! A PostgreSQL server for tests: the one in `AGHANIM_TEST_POSTGRES`, or a private one.

use std::env;
use std::fmt;
use std::fs;
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _};

use crate::skip;

/// The variable with a server, as `postgres://user:password@host:port/database`.
///
/// Its user must be able to create databases.
pub const VARIABLE: &str = "AGHANIM_TEST_POSTGRES";

/// The server that all tests of this process share.
///
/// Returns `None` if PostgreSQL is not installed. Then a message is printed, and the test must return at once.
///
/// # Panics
/// Panics if PostgreSQL is not installed and `CI` is set, or if the server does not start.
#[must_use]
pub fn server() -> Option<&'static Server> {
    static SHARED: OnceLock<Option<Server>> = OnceLock::new();
    SHARED
        .get_or_init(|| match env::var(VARIABLE) {
            Ok(url) => Some(Server { url }),
            // The cluster is leaked, but it still ends with this process: see `Cluster`.
            Err(_) => Cluster::start().map(|cluster| Server { url: Box::leak(Box::new(cluster)).url() }),
        })
        .as_ref()
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    url: String,
}

impl Server {
    /// Creates an empty database. It is removed when the returned value is dropped.
    ///
    /// # Panics
    /// Panics if the server can't be reached, or its user may not create databases.
    pub async fn database(&self) -> Database {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("aghanim_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let options = PgConnectOptions::from_str(&self.url)
            .unwrap_or_else(|error| panic!("{VARIABLE} is not the URL of a database: {error}"));
        execute(&options, &format!("CREATE DATABASE {name}"))
            .await
            .unwrap_or_else(|error| panic!("can't make a database for the tests: {error}"));
        let url = options.clone().database(&name).to_url_lossy().to_string();
        Database { server: options, name, url }
    }
}

async fn execute(options: &PgConnectOptions, sql: &str) -> sqlx::Result<()> {
    let mut connection = options.connect().await?;
    connection.execute(AssertSqlSafe(sql)).await?;
    connection.close().await
}

/// The database of one test.
#[derive(Debug)]
pub struct Database {
    server: PgConnectOptions,
    name: String,
    url: String,
}

impl Database {
    /// The URL of the database.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, sql) = (self.server.clone(), format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        // In a thread, because this may run inside a runtime, which must not be blocked on.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(execute(&server, &sql)).map_err(io::Error::other)
        });
        if let Ok(Err(error)) = dropped.join() {
            eprintln!("the database {} stays behind: {error}", self.name);
        }
    }
}

/// A private server from this machine's PostgreSQL binaries. A test can stop and start it.
///
/// The server ends and its files are removed when this is dropped, and also when this process ends or is killed.
pub struct Cluster {
    binaries: PathBuf,
    run_as: Vec<String>,
    directory: PathBuf,
    port: u16,
    /// The process that cleans up once its standard input ends.
    caretaker: Child,
}

/// The way to stop a server.
#[derive(Debug, Clone, Copy)]
pub enum Stop {
    /// Aborts transactions, and shuts down in order.
    Fast,
    /// Stops as in a crash. The next start has to recover.
    Immediate,
}

impl Cluster {
    /// Creates and starts a server on a free port of the loopback interface.
    ///
    /// Returns `None` if there are no binaries that this user may run, and prints a message.
    ///
    /// # Panics
    /// Panics if there are no such binaries and `CI` is set, or if they fail.
    #[must_use]
    pub fn start() -> Option<Self> {
        let found = binaries().and_then(|binaries| Ok((binaries, unprivileged()?)));
        let (binaries, run_as) = match found {
            Ok(found) => found,
            Err(reason) => {
                skip("the tests that need PostgreSQL", &reason);
                return None;
            }
        };
        Some(Self::make(binaries, run_as).unwrap_or_else(|error| panic!("PostgreSQL does not start: {error}")))
    }

    fn make(binaries: PathBuf, run_as: Vec<String>) -> io::Result<Self> {
        let directory = tempfile::Builder::new().prefix("aghanim-postgres-").tempdir()?.keep();
        if let Some(user) = run_as.last() {
            run(Command::new("chown").arg(user).arg(&directory))?;
        }
        let caretaker = caretaker(&binaries, &run_as, &directory)?;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let cluster = Self { binaries, run_as, directory, port, caretaker };
        let data = cluster.data();
        run(cluster
            .command("initdb")
            .args(["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8"])
            .arg("-D")
            .arg(data))?;
        cluster.up()?;
        Ok(cluster)
    }

    /// Starts it again after a stop.
    ///
    /// # Panics
    /// Panics if it does not start.
    pub fn restart(&self) {
        self.up().unwrap_or_else(|error| panic!("PostgreSQL does not start again: {error}"));
    }

    fn up(&self) -> io::Result<()> {
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories='' -c max_connections=200",
            self.port
        );
        let log = self.directory.join("log");
        let started = run(self
            .command("pg_ctl")
            .args(["start", "-w", "-o", &options, "-D"])
            .arg(self.data())
            .arg("-l")
            .arg(&log));
        started.map_err(|error| io::Error::other(format!("{error}\n{}", fs::read_to_string(&log).unwrap_or_default())))
    }

    /// Stops it, and waits until it has stopped.
    ///
    /// # Panics
    /// Panics if it does not stop.
    pub fn stop(&self, how: Stop) {
        let mode = match how {
            Stop::Fast => "fast",
            Stop::Immediate => "immediate",
        };
        run(self.command("pg_ctl").args(["stop", "-w", "-m", mode, "-D"]).arg(self.data()))
            .unwrap_or_else(|error| panic!("PostgreSQL does not stop: {error}"));
    }

    /// The URL of its database `postgres`, which needs no password.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// This server as a [`Server`], to create databases on.
    #[must_use]
    pub fn server(&self) -> Server {
        Server { url: self.url() }
    }

    /// Gives a directory to the server's user, for a tablespace.
    ///
    /// # Panics
    /// Panics if this user may not give it.
    pub fn give(&self, directory: &Path) {
        if let Some(user) = self.run_as.last() {
            run(Command::new("chown").arg(user).arg(directory))
                .unwrap_or_else(|error| panic!("a directory can't be given to the server: {error}"));
        }
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    fn command(&self, program: &str) -> Command {
        as_user(&self.run_as, &self.binaries.join(program), &self.directory)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.caretaker.stdin.take());
        if let Err(error) = self.caretaker.wait() {
            eprintln!("the caretaker of a PostgreSQL server is lost: {error}");
        }
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").field("port", &self.port).field("directory", &self.directory).finish_non_exhaustive()
    }
}

/// Starts a process that cleans up after this one has ended. It waits for the end of a pipe, which closes even if this
/// process is killed.
fn caretaker(binaries: &Path, run_as: &[String], directory: &Path) -> io::Result<Child> {
    const SCRIPT: &str = r#"trap : INT TERM HUP
directory=$1; shift
while read -r _; do :; done
"$@" stop -m immediate -D "$directory/data"
rm -rf "$directory""#;
    let pg_ctl = as_user(run_as, &binaries.join("pg_ctl"), Path::new("/"));
    Command::new("sh")
        .args(["-c", SCRIPT, "sh"])
        .arg(directory)
        .arg(pg_ctl.get_program())
        .args(pg_ctl.get_args())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

fn as_user(run_as: &[String], program: &Path, directory: &Path) -> Command {
    let mut command = match run_as.split_last() {
        Some((user, [setpriv, group])) => {
            let mut command = Command::new(setpriv);
            command
                .arg(format!("--reuid={user}"))
                .arg(format!("--regid={group}"))
                .args(["--clear-groups", "--"])
                .arg(program);
            command
        }
        _ => Command::new(program),
    };
    command.current_dir(directory);
    command
}

fn run(command: &mut Command) -> io::Result<()> {
    // `pg_ctl start` leaves a server behind that would hold a pipe open, so its output is not read.
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{command:?}: {status}"))) }
}

/// Finds `initdb` and `pg_ctl`: on the `PATH`, or in Debian's folders, the newest first.
fn binaries() -> Result<PathBuf, String> {
    let mut versions: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    versions.sort_by_key(|path| path.parent().and_then(|version| version.file_name()?.to_str()?.parse::<u32>().ok()));
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(versions.into_iter().rev())
        .find(|directory| ["initdb", "pg_ctl", "postgres"].iter().all(|program| directory.join(program).is_file()))
        .ok_or_else(|| format!("there is no PostgreSQL here; {VARIABLE} can name a server"))
}

/// The start of a command that runs a program as a user that PostgreSQL accepts.
///
/// It is empty unless this user is root. For root it has the program that changes the user, the group, and the user.
fn unprivileged() -> Result<Vec<String>, String> {
    let output = |program: &str, args: &[&str]| {
        let output = Command::new(program).args(args).stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    if output("id", &["-u"]).as_deref() != Some("0") {
        return Ok(Vec::new());
    }
    let group = |user| output("id", &["-g", user]).map(|group| (user, group));
    let Some((user, group)) = ["postgres", "nobody"].into_iter().find_map(group) else {
        return Err("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`".to_owned());
    };
    if output("setpriv", &["--version"]).is_none() {
        return Err("PostgreSQL does not run as root, and there is no `setpriv` to change the user with".to_owned());
    }
    Ok(vec!["setpriv".to_owned(), group, user.to_owned()])
}
