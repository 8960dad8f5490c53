//! Attacks on an example: its memory stays flat, and it recovers after its file descriptors were used up.
//!
//! `AGHANIM_LOAD=1` sends 200,000 bad requests; the default is a fortieth of that.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aghanim_hooks::Secret;
use aghanim_hooks_tests::{Request, signed};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";

struct Quickstart {
    child: Child,
    address: SocketAddr,
}

impl Quickstart {
    /// Starts it with at most this many file descriptors.
    fn start(descriptors: u32) -> Self {
        let mut child = Command::new("sh")
            .args(["-c", "ulimit -n \"$1\" && exec \"$2\"", "sh", &descriptors.to_string()])
            .arg(env!("CARGO_BIN_EXE_quickstart"))
            .env("PORT", "0")
            .env("RUST_LOG", "warn")
            .env("AGHANIM_WEBHOOK_SECRET", SECRET)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let curl = lines.find(|line| line.starts_with("curl")).expect("it prints where it listens");
        let address = curl.split("http://").nth(1).unwrap().split('/').next().unwrap().parse().unwrap();
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    /// The memory that it occupies, in bytes.
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }

    async fn is_well(&self) -> bool {
        let body = r#"{"event_type":"player.verify","event_data":{"player_id":"testplayer"}}"#;
        let request = signed(&Secret::new(SECRET).unwrap(), body);
        let answer = timeout(Duration::from_secs(2), request.send(self.address)).await;
        matches!(answer, Ok(Ok(answer)) if answer.status == 200)
    }

    async fn gets_well_within(&self, time: Duration) {
        let started = Instant::now();
        while !self.is_well().await {
            assert!(started.elapsed() < time, "not well after {time:?}");
            sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Quickstart {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A request with a well-formed signature that no secret made.
fn stranger(body: impl AsRef<[u8]>) -> Request {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    Request::post(body)
        .header("Content-Type", "application/json")
        .header("X-Aghanim-Signature", "0".repeat(64))
        .header("X-Aghanim-Signature-Timestamp", now.to_string())
}

/// Sends this many copies of a request on one connection, and expects 403 for each.
async fn send_many(address: SocketAddr, request: Vec<u8>, times: usize) {
    let mut connection = TcpStream::connect(address).await.unwrap();
    let mut answer = vec![0; 64 * 1024];
    for _ in 0..times {
        connection.write_all(&request).await.unwrap();
        let mut read = 0;
        while !answer[..read].ends_with(br#""message":"Invalid signature"}"#) {
            let more = connection.read(&mut answer[read..]).await.unwrap();
            assert!(more > 0, "closed after {}", String::from_utf8_lossy(&answer[..read]));
            read += more;
        }
        assert!(answer.starts_with(b"HTTP/1.1 403"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_bad_requests_leave_memory_flat() {
    let quickstart = Quickstart::start(1024);
    let total = if std::env::var_os("AGHANIM_LOAD").is_some() { 200_000 } else { 5_000 };
    let request = stranger(r#"{"event_type":"item.add","event_data":{}}"#).wire("localhost");
    let keep_alive = String::from_utf8(request).unwrap().replace("Connection: close\r\n", "").into_bytes();
    let round = |times: usize| {
        let mut senders = JoinSet::new();
        for _ in 0..10 {
            senders.spawn(send_many(quickstart.address, keep_alive.clone(), times / 10));
        }
        senders.join_all()
    };
    round(1_000).await;
    let before = quickstart.memory();
    round(total).await;
    let after = quickstart.memory();
    println!("{total} bad requests: {before} bytes before, {after} after");
    assert!(after < before + 4 * 1024 * 1024, "{before} bytes before, {after} after");
    assert!(quickstart.is_well().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_bodies_on_many_connections_stay_within_the_budget() {
    let quickstart = Quickstart::start(1024);
    let mut peak = 0;
    let before = quickstart.memory();
    for _ in 0..2 {
        // Each lacks its last bytes, so the receiver has to hold what came: 400 MB in all.
        let wire = stranger(vec![b' '; 1 << 20]).wire("localhost");
        let mut connections = Vec::new();
        for _ in 0..400 {
            let mut connection = TcpStream::connect(quickstart.address).await.unwrap();
            // It may be refused and closed on the way.
            let _refused = timeout(Duration::from_secs(5), connection.write_all(&wire[..wire.len() - 10])).await;
            connections.push(connection);
        }
        sleep(Duration::from_millis(300)).await;
        peak = peak.max(quickstart.memory());
        assert!(quickstart.is_well().await, "an event of the usual size is taken meanwhile");
        drop(connections);
    }
    println!("{before} bytes before, {peak} at most");
    // The budget of 64 MiB, the server's own buffers, and what the allocator keeps. Without the budget it is 530 MB.
    assert!(peak < before + 280 * 1024 * 1024, "{before} bytes before, {peak} at most");
    quickstart.gets_well_within(Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn used_up_descriptors_are_recovered() {
    let quickstart = Quickstart::start(64);
    assert!(quickstart.is_well().await);
    let mut connections = Vec::new();
    for _ in 0..200 {
        if let Ok(Ok(connection)) = timeout(Duration::from_secs(1), TcpStream::connect(quickstart.address)).await {
            connections.push(connection);
        }
    }
    println!("{} connections at 64 descriptors", connections.len());
    assert!(connections.len() > 64, "the descriptors were not used up");
    drop(connections);
    quickstart.gets_well_within(Duration::from_secs(10)).await;
}
