//! The relay's promises, with a server of NATS: nothing is lost while it is down, and no message is there twice.
#![cfg(unix)]

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use aghanim_hooks::Secret;
use aghanim_hooks_tests::{signed, skip};
use async_nats::jetstream;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

const EXAMPLE: &str = env!("CARGO_BIN_EXE_aghanim-hooks-nats");
const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";

/// A server of NATS with `JetStream`.
struct Nats {
    directory: TempDir,
    port: u16,
    server: Child,
}

impl Nats {
    /// `None`, with a message on standard error, if there is no `nats-server`.
    fn start() -> Option<Self> {
        let directory = TempDir::new().unwrap();
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        match Self::run(directory.path(), port) {
            Ok(server) => Some(Self { directory, port, server }),
            Err(error) => {
                skip("the tests that need NATS", &format!("`nats-server` does not start: {error}"));
                None
            }
        }
    }

    fn run(directory: &Path, port: u16) -> std::io::Result<Child> {
        // Debian has it where a user's `PATH` does not look.
        let debian = "/usr/sbin/nats-server";
        Command::new(if Path::new(debian).is_file() { debian } else { "nats-server" })
            .args(["-js", "-a", "127.0.0.1", "-p", &port.to_string(), "-sd"])
            .arg(directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
    }

    fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The number of messages in the relay's stream, once there are so many.
    async fn messages(&self, expected: u64) -> u64 {
        let nats = jetstream::new(async_nats::connect(self.url()).await.unwrap());
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let messages = match nats.get_stream("AGHANIM").await {
                Ok(mut stream) => stream.info().await.unwrap().state.messages,
                Err(_) => 0,
            };
            if messages >= expected || Instant::now() > until {
                return messages;
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
}

/// The example, and the file that its roles share.
struct Relay {
    directory: TempDir,
    nats: String,
}

impl Relay {
    fn new(nats: &Nats) -> Self {
        Self { directory: TempDir::new().unwrap(), nats: nats.url() }
    }

    fn database(&self) -> std::path::PathBuf {
        self.directory.path().join("nats.db")
    }

    /// Only a worker's log is read.
    fn start(&self, role: &str) -> Child {
        Command::new(EXAMPLE)
            .args(["--nats", &self.nats, "--role", role, "--database"])
            .arg(self.database())
            .env("PORT", "0")
            .env("AGHANIM_WEBHOOK_SECRET", SECRET)
            .env("RUST_LOG", "info")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(if role == "work" { Stdio::piped() } else { Stdio::null() })
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    async fn receive(&self) -> (Child, SocketAddr) {
        let mut receiver = self.start("receive");
        let mut lines = BufReader::new(receiver.stdout.take().unwrap()).lines();
        let address = loop {
            let line = lines.next_line().await.unwrap().expect("it says where it listens");
            if let Some((_, address)) = line.split_once("http://") {
                break address.split('/').next().unwrap().parse().unwrap();
            }
        };
        // It prints more, and would end if nobody read it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        (receiver, address)
    }

    async fn pool(&self) -> SqlitePool {
        let options = SqliteConnectOptions::new().filename(self.database()).busy_timeout(Duration::from_secs(10));
        SqlitePool::connect_with(options).await.unwrap()
    }
}

async fn pay(address: SocketAddr, id: &str) {
    let body = format!(
        r#"{{"event_type":"order.paid","event_id":"whevt_{id}","idempotency_key":"{id}","event_data":{{"id":"{id}"}}}}"#
    );
    send(address, body).await;
}

/// Sends an event, which must be acknowledged at once.
async fn send(address: SocketAddr, body: String) {
    let began = Instant::now();
    let response = signed(&Secret::new(SECRET).unwrap(), body).send(address).await.unwrap();
    assert_eq!(response.status, 200);
    assert!(began.elapsed() < Duration::from_secs(5), "the answer waits for NATS");
}

/// The next line that a process logs about a published message.
async fn published(worker: &mut Child) -> String {
    let mut lines = BufReader::new(worker.stderr.take().unwrap()).lines();
    let found = async {
        loop {
            let line = lines.next_line().await.unwrap().expect("the worker ended");
            if line.contains("published") {
                return line;
            }
        }
    };
    timeout(Duration::from_secs(30), found).await.expect("nothing is published")
}

#[tokio::test]
async fn a_worker_that_is_killed_after_it_published_leaves_one_message() {
    let Some(nats) = Nats::start() else { return };
    let relay = Relay::new(&nats);
    let (_receiver, address) = relay.receive().await;
    pay(address, "o-1").await;
    // From here on a job can't be completed, so the worker is killed between the message and the completion.
    let pool = relay.pool().await;
    let trigger = "CREATE TRIGGER stall BEFORE UPDATE ON river_job WHEN new.state = 'completed' \
                   BEGIN SELECT raise(ABORT, 'not now'); END";
    sqlx::query(trigger).execute(&pool).await.unwrap();
    let mut worker = relay.start("work");
    assert!(published(&mut worker).await.contains("duplicate=false"));
    worker.kill().await.unwrap();
    assert_eq!(nats.messages(1).await, 1);

    sqlx::query("DROP TRIGGER stall").execute(&pool).await.unwrap();
    // Its rescue, which takes a minute, is a test of the adapter.
    let state: String = sqlx::query_scalar("UPDATE river_job SET state = 'available' RETURNING CAST(state AS TEXT)")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(state, "available");
    let mut worker = relay.start("work");
    assert!(published(&mut worker).await.contains("duplicate=true"));
    assert_eq!(nats.messages(1).await, 1);
    // Another event is another message.
    pay(address, "o-2").await;
    assert_eq!(nats.messages(2).await, 2);
    // Events without a key and an id are no duplicates of each other.
    for id in ["o-3", "o-4"] {
        send(address, format!(r#"{{"event_type":"order.paid","event_data":{{"id":"{id}"}}}}"#)).await;
    }
    assert_eq!(nats.messages(4).await, 4);
}

#[tokio::test]
async fn an_event_is_acknowledged_while_nats_is_down_and_published_afterwards() {
    let Some(mut nats) = Nats::start() else { return };
    let relay = Relay::new(&nats);
    nats.server.kill().await.unwrap();
    let (_receiver, address) = relay.receive().await;
    let _worker = relay.start("work");
    pay(address, "o-1").await;
    sleep(Duration::from_millis(500)).await;
    nats.server = Nats::run(nats.directory.path(), nats.port).unwrap();
    while async_nats::connect(nats.url()).await.is_err() {
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(nats.messages(1).await, 1);
}
