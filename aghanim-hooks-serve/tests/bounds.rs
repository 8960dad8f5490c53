//! Each bound of the server, and its stop.

mod common;

use std::io::Write;
use std::time::{Duration, Instant};

use aghanim_hooks_serve::Server;
use common::{Running, get, send};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

const LONG: Duration = Duration::from_secs(10);

async fn open(running: &Running, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

/// The time until the server closes this connection.
async fn closed_after(stream: &mut TcpStream) -> Duration {
    let began = Instant::now();
    let mut rest = Vec::new();
    // A reset is a close too.
    drop(timeout(LONG, stream.read_to_end(&mut rest)).await.expect("it was left open"));
    began.elapsed()
}

#[tokio::test]
async fn headers_have_their_time_however_many_bytes_come() {
    let running = Running::start(Server::new().header_timeout(Duration::from_millis(300))).await;
    let mut stream = open(&running, b"GET / HTTP/1.1\r\nX: ").await;
    let began = Instant::now();
    while stream.write_all(b"x").await.is_ok() {
        assert!(began.elapsed() < LONG, "a byte at a time holds the connection");
        sleep(Duration::from_millis(20)).await;
    }
    assert!(began.elapsed() >= Duration::from_millis(300));
    // A connection that sends nothing has the same limit.
    let silent = closed_after(&mut open(&running, b"").await).await;
    assert!(silent >= Duration::from_millis(250), "{silent:?}");
    running.stop().await;
}

#[tokio::test]
async fn an_idle_connection_has_its_own_time() {
    let server = Server::new().header_timeout(Duration::from_millis(100)).idle_timeout(Duration::from_millis(800));
    let running = Running::start(server).await;
    let mut stream = open(&running, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    sleep(Duration::from_millis(400)).await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut answers = String::new();
    timeout(LONG, stream.read_to_string(&mut answers)).await.expect("it was left open").unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 2, "{answers}");
    running.stop().await;
}

#[tokio::test]
async fn too_large_a_head_is_431() {
    let running = Running::start(Server::new().header_bytes(2000)).await;
    let large = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(3000));
    let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "x:1\r\n".repeat(120));
    for head in [large, many] {
        let answer = send(running.address, head.as_bytes()).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
    assert!(get(running.address).await.unwrap().starts_with("HTTP/1.1 200"));
    running.stop().await;
}

#[tokio::test]
async fn a_stop_finishes_what_was_started_and_closes_the_rest() {
    let running = Running::start(Server::new()).await;
    let mut working = open(&running, b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").await;
    let mut idle = open(&running, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let _silent = open(&running, b"").await;
    let mut first = [0; 8];
    idle.read_exact(&mut first).await.unwrap();
    sleep(Duration::from_millis(100)).await;
    let address = running.address;
    let began = Instant::now();
    let stopped = tokio::spawn(running.stop());
    let mut answer = String::new();
    working.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"), "{answer}");
    assert_eq!(stopped.await.unwrap().cut, 0);
    assert!(began.elapsed() < Duration::from_secs(5), "idle connections held up the stop: {:?}", began.elapsed());
    assert!(get(address).await.is_err(), "it still listens");
}

#[tokio::test]
async fn who_connected_before_the_stop_is_served() {
    let running = Running::start(Server::new()).await;
    // No connection is accepted in between, because this test has one thread.
    let mut stream = std::net::TcpStream::connect(running.address).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    stream.set_nonblocking(true).unwrap();
    let mut stream = TcpStream::from_std(stream).unwrap();
    let stopped = tokio::spawn(running.stop());
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer:?}");
    assert_eq!(stopped.await.unwrap().cut, 0);
}

#[tokio::test]
async fn what_outlasts_the_grace_is_cut_and_counted() {
    let running = Running::start(Server::new().grace(Duration::from_millis(200))).await;
    let mut hanging = open(&running, b"POST /hangs HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").await;
    let _half = open(&running, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Le").await;
    sleep(Duration::from_millis(100)).await;
    assert_eq!(running.stop().await.cut, 1);
    closed_after(&mut hanging).await;
}

#[tokio::test]
async fn at_work_nobody_is_closed_for_a_new_client() {
    let running = Running::start(Server::new().connections(1)).await;
    let mut working =
        open(&running, b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
    sleep(Duration::from_millis(100)).await;
    let next = tokio::spawn(get(running.address));
    let mut answer = String::new();
    working.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(next.await.unwrap().unwrap().starts_with("HTTP/1.1 200"));
    running.stop().await;
}
