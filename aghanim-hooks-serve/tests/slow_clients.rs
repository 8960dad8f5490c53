//! Attacks on the server: floods of clients that send slowly, or nothing.
#![cfg(target_os = "linux")]

mod common;

use std::io::{Write, stderr};
use std::time::{Duration, Instant};

use aghanim_hooks_serve::Server;
use common::{Running, get};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

const SLOW_CLIENTS: usize = 10_000;
const CONNECTIONS: usize = 512;
const HEADER_TIMEOUT: Duration = Duration::from_secs(2);

/// Half a request's head, and half a request's body.
const HALF_A_HEAD: &str = "POST / HTTP/1.1\r\nHost: localhost\r\nX-Aghanim-Sig";
const HALF_A_BODY: &str = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{\"event_type\":";

/// The number of clients that the limit on file descriptors allows, after raising the limit to its maximum.
fn slow_clients() -> usize {
    const OTHER_FILES: usize = CONNECTIONS + 200;
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).expect("up to the maximum it may be raised");
    let files = maximum.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX));
    let clients = SLOW_CLIENTS.min(files.saturating_sub(OTHER_FILES));
    if clients < SLOW_CLIENTS {
        writeln!(
            stderr(),
            "SCALED DOWN the attack from {SLOW_CLIENTS} to {clients} slow clients: this process may open {files} files"
        )
        .expect("standard error is open");
    }
    clients
}

/// The sockets that the server holds open at this port.
fn open_at(port: u16) -> usize {
    let table = std::fs::read_to_string("/proc/net/tcp").expect("Linux has it");
    let here = format!(":{port:04X}");
    table
        .lines()
        .skip(1)
        .filter(|line| {
            let fields: Vec<_> = line.split_whitespace().collect();
            let (local, state, inode) = (fields[1], fields[3], fields[9]);
            // Leaves out listening sockets, and those that only the kernel has accepted.
            local.ends_with(&here) && state != "0A" && inode != "0"
        })
        .count()
}

/// Opens slow clients one after the other. Each then says if the server closed it in time.
async fn flood(running: &Running, clients: usize, bytes: &'static str) -> Vec<tokio::task::JoinHandle<bool>> {
    let mut flood = Vec::with_capacity(clients);
    for client in 0..clients {
        let Ok(mut stream) = TcpStream::connect(running.address).await else { continue };
        flood.push(tokio::spawn(async move {
            if stream.write_all(bytes.as_bytes()).await.is_err() {
                return true;
            }
            let mut answer = [0; 64];
            timeout(3 * HEADER_TIMEOUT, stream.read(&mut answer)).await.is_ok()
        }));
        // Up to some thousands a second. Each still takes the place of another one.
        if client % 10 == 9 {
            sleep(Duration::from_millis(2)).await;
        }
    }
    flood
}

/// Honest clients are served all along, and no more connections are open than allowed.
async fn attack(bytes: &'static str) {
    let clients = slow_clients();
    let running = Running::start(Server::new().connections(CONNECTIONS).header_timeout(HEADER_TIMEOUT)).await;
    let (address, began) = (running.address, Instant::now());
    let (stop, mut stopped) = tokio::sync::watch::channel(());
    let honest = tokio::spawn(async move {
        let (mut served, mut slowest) = (0, Duration::ZERO);
        while !stopped.has_changed().unwrap_or(true) {
            let asked = Instant::now();
            let answer = timeout(Duration::from_secs(5), get(address)).await.expect("an honest client was not served");
            assert!(answer.expect("an honest client was cut off").starts_with("HTTP/1.1 200"));
            served += 1;
            slowest = slowest.max(asked.elapsed());
            tokio::select! {
                _ = stopped.changed() => {}
                () = sleep(Duration::from_millis(10)) => {}
            }
        }
        (served, slowest)
    });
    let slow = flood(&running, clients, bytes).await;
    let flooded = began.elapsed();
    drop(stop);
    let (served, slowest) = honest.await.expect("honest clients are served");
    // The system's table is not read at one moment, so connections that come and go may be counted twice.
    let mut still_open = open_at(address.port());
    for _ in 0..20 {
        if still_open <= CONNECTIONS {
            break;
        }
        sleep(Duration::from_millis(20)).await;
        still_open = open_at(address.port());
    }
    writeln!(
        stderr(),
        "{} slow clients in {flooded:?}; {served} honest ones served, the slowest in {slowest:?}; {still_open} still open",
        slow.len()
    )
    .expect("standard error is open");
    assert!(slow.len() > clients * 9 / 10, "only {} of {clients} slow clients could connect", slow.len());
    assert!(served > 20, "only {served} honest clients came to the attack");
    assert!(still_open <= CONNECTIONS, "{still_open} connections were open of {CONNECTIONS}");
    if bytes == HALF_A_HEAD {
        for client in slow {
            assert!(client.await.expect("a client does not panic"), "a slow client was left open");
        }
        assert_eq!(open_at(address.port()), 0);
    } else {
        slow.iter().for_each(tokio::task::JoinHandle::abort);
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_slow_heads() {
    attack(HALF_A_HEAD).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_slow_bodies() {
    attack(HALF_A_BODY).await;
}
