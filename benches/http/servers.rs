use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use aghanim_hooks_benches::process;
use aghanim_hooks_benches::request::SECRET;

use crate::pinned::Pinned;

/// The longest wait until a server listens.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server that runs, on core 0.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) port: u16,
    pub(crate) served: u64,
    process: Pinned,
}

impl Server {
    fn start(name: &'static str, command: impl FnOnce(u16) -> Command) -> Result<Self, String> {
        let port = free_port();
        let process = Pinned::start(0, &mut command(port)).map_err(|error| error.to_string())?;
        let mut server = Self { name, port, served: 0, process };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if server.process.has_ended() {
                return Err("it ended before it listened; what it said is above".into());
            }
            if start.elapsed() > PATIENCE {
                return Err(format!("it did not listen within {PATIENCE:?}"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    pub(crate) fn cpu(&self) -> Duration {
        process::cpu(self.process.id())
    }

    pub(crate) fn memory(&self) -> (f64, f64) {
        process::memory(self.process.id())
    }
}

/// Installs what a server needs into a directory, and starts it.
type Starter = fn(&Path) -> Result<Server, String>;

/// The names of the servers that the binary `server` has.
const OWN: [&str; 10] = [
    "ours",
    "ours+subscriber",
    "ours+spans",
    "ours+lines",
    "hand-written",
    "hand-written+spans",
    "hand-written+lines",
    "hand-written-value",
    "hyper",
    "body-only",
];

const OTHERS: [(&str, Starter); 4] =
    [("go", go), ("fastify", fastify), ("fastapi", fastapi), ("fastapi+quiet", fastapi_quiet)];

/// Builds and starts the servers, and prints which can't be started and why.
///
/// A variant of another server has a `+` in its name, and is started only if it is named.
pub(crate) fn start(only: &[String], scratch: &Path) -> Vec<Server> {
    for name in only {
        let mut names = OWN.into_iter().chain(OTHERS.map(|(name, _)| name));
        assert!(names.any(|known| known == name), "{name} is no server: {OWN:?}, {:?}", OTHERS.map(|(name, _)| name));
    }
    let wanted = |name: &str| if only.is_empty() { !name.contains('+') } else { only.iter().any(|only| only == name) };
    let binary = server_binary();
    let mut servers = Vec::new();
    let mut add = |name: &str, started: Result<Server, String>| match started {
        Ok(server) => servers.push(server),
        Err(reason) => eprintln!("skipped {name}: {reason}"),
    };
    for name in OWN.into_iter().filter(|name| wanted(name)) {
        let command = |port: u16| {
            let mut command = Command::new(&binary);
            command.args([name, &port.to_string()]);
            command
        };
        add(name, Server::start(name, command));
    }
    for (name, start) in OTHERS.into_iter().filter(|(name, _)| wanted(name)) {
        add(name, start(scratch));
    }
    servers
}

/// The path of `server`: beside this binary, built with the same profile.
fn server_binary() -> PathBuf {
    let status = Command::new(env!("CARGO"))
        .args(["build", "--release", "--package", "aghanim-hooks-benches", "--features", "http", "--bin", "server"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(status.is_ok_and(|status| status.success()), "the server does not build; what cargo said is above");
    std::env::current_exe().expect("a path").with_file_name("server")
}

fn go(scratch: &Path) -> Result<Server, String> {
    let binary = scratch.join("go-server");
    let mut build = Command::new("go");
    // Its caches stay in the scratch directory too.
    build.arg("build").arg("-o").arg(&binary).arg(source("main.go")).env("GOCACHE", scratch.join("go-cache"));
    run("go", &mut build)?;
    Server::start("go", |port| with_port(Command::new(&binary), port))
}

fn fastify(scratch: &Path) -> Result<Server, String> {
    std::fs::copy(source("fastify_app.mjs"), scratch.join("fastify_app.mjs")).map_err(|error| error.to_string())?;
    let mut install = Command::new("npm");
    run("npm", install.args(["install", "--no-audit", "--no-fund", "fastify@5"]).current_dir(scratch))?;
    Server::start("fastify", |port| {
        let mut command = with_port(Command::new("node"), port);
        command.arg("fastify_app.mjs").current_dir(scratch);
        command
    })
}

/// As the documentation runs it: one process, which writes a line for each request.
fn fastapi(scratch: &Path) -> Result<Server, String> {
    uvicorn("fastapi", scratch, &[])
}

/// The same without these lines, since none of the others writes any.
fn fastapi_quiet(scratch: &Path) -> Result<Server, String> {
    uvicorn("fastapi+quiet", scratch, &["--no-access-log"])
}

fn uvicorn(name: &'static str, scratch: &Path, options: &[&str]) -> Result<Server, String> {
    let environment = scratch.join("venv");
    run("python3", Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    let mut install = Command::new(environment.join("bin/pip"));
    run("pip", install.args(["install", "--quiet", "fastapi[all]"]))?;
    Server::start(name, |port| {
        let mut command = with_port(Command::new(environment.join("bin/uvicorn")), port);
        command.args(["fastapi_app:app", "--port", &port.to_string()]).args(options);
        command.arg("--app-dir").arg(source(""));
        // No compiled files beside the sources.
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command
    })
}

fn with_port(mut command: Command, port: u16) -> Command {
    command.env("SECRET", SECRET).env("PORT", port.to_string());
    command
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("http/others").join(name)
}

fn run(program: &str, command: &mut Command) -> Result<(), String> {
    match command.stdin(Stdio::null()).stdout(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{program} ended with {status}; what it said is above")),
        Err(error) => Err(format!("{program} was not found ({error})")),
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}
