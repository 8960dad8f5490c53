//! Attacks that once worked.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aghanim_hooks::idempotency::MemoryStore;
use aghanim_hooks::{Environment, Otherwise, Secret};
use aghanim_hooks_tests::signed;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::receiver::{Log, Receiver, SECRET, item_add, player_verify, secret};

pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A captured request stays valid for 72 hours.
#[tokio::test]
async fn a_captured_grant_without_a_key_grants_once() {
    let receiver = Receiver::with(|hooks| hooks.idempotency(MemoryStore::new())).await;
    let old = (now() - 71 * 3600).to_string();
    let body = item_add("");
    let signature = secret().sign(old.as_bytes(), body.as_bytes()).to_string();
    let captured = signed(&secret(), &body)
        .replace("X-Aghanim-Signature", signature)
        .replace("X-Aghanim-Signature-Timestamp", old);
    for _ in 0..3 {
        assert_eq!(receiver.send(&captured).await.status, 200);
    }
    assert_eq!(receiver.runs(), 1);

    // The event id comes first: a retry may be signed anew.
    for (number, second) in [(2, 0), (2, 1), (3, 1)] {
        let timestamp = (now() - second).to_string();
        let body =
            item_add(r#","event_id":"whevt_1","idempotency_key":null"#).replace("whevt_1", &format!("whevt_{number}"));
        let signature = secret().sign(timestamp.as_bytes(), body.as_bytes()).to_string();
        let request = signed(&secret(), &body)
            .replace("X-Aghanim-Signature", signature)
            .replace("X-Aghanim-Signature-Timestamp", timestamp);
        assert_eq!(receiver.send(&request).await.status, 200);
    }
    assert_eq!(receiver.runs(), 3);
}

#[tokio::test]
async fn questions_without_a_key_are_asked_each_time() {
    let receiver = Receiver::with(|hooks| hooks.idempotency(MemoryStore::new())).await;
    let question = signed(&secret(), player_verify("p"));
    for _ in 0..3 {
        assert_eq!(receiver.send(&question).await.status, 200);
    }
    assert_eq!(receiver.runs(), 3);
}

#[tokio::test]
async fn the_replay_guard_can_be_switched_off() {
    let receiver = Receiver::with(|hooks| hooks.idempotency(MemoryStore::new()).replay_guard(false)).await;
    let grant = signed(&secret(), item_add(""));
    for _ in 0..3 {
        assert_eq!(receiver.send(&grant).await.status, 200);
    }
    assert_eq!(receiver.runs(), 3);
}

#[tokio::test]
async fn long_texts_make_no_long_log_lines() {
    let (log, _guard) = Log::record("aghanim_hooks=trace");
    let receiver =
        Receiver::with(|hooks| hooks.idempotency(MemoryStore::new()).only(Environment::Live, Otherwise::Refuse)).await;
    let long = "k".repeat(900_000);
    let members = |text: &str| item_add(&format!(r#","idempotency_key":"{text}","game_id":"{text}""#));
    let keyed = format!(r#","idempotency_key":"{long}""#);
    let once = item_add(&keyed);
    for (what, body, status) in [
        ("the first", once.clone(), 200),
        ("a duplicate", once.clone(), 200),
        ("other data under the key", once.replace("\"quantity\":1", "\"quantity\":2"), 200),
        ("a failure", once.replace(r#""player_id":"p""#, r#""player_id":"fail""#).replace("kkk", "lll"), 500),
        (
            "a failure whose error quotes the event",
            item_add("").replace(r#""p""#, r#""fail""#).replace(r#""sku":"s""#, &format!(r#""sku":"{long}""#)),
            500,
        ),
        ("an unknown event", item_add("").replace("item.add", &long), 400),
        ("a sandbox event", item_add(&format!(r#"{keyed},"sandbox":true"#)), 400),
        ("a wrong type", item_add("").replace("\"quantity\":1", &format!(r#""quantity":"{long}""#)), 400),
        ("a long game", members(&long[..400_000]), 200),
    ] {
        let answer = receiver.deliver(body).await;
        assert_eq!(answer.status, status, "{what}: {}", String::from_utf8_lossy(&answer.body));
        assert!(answer.body.len() < 1000, "{what}: an answer of {} bytes", answer.body.len());
    }
    let text = log.text();
    assert!(text.contains("a handler failed") && text.contains("replayed the first answer"), "{text:.2000}");
    let longest = text.lines().map(str::len).max().unwrap();
    assert!(longest < 4000, "a line of {longest} bytes");
    assert!(!text.contains(SECRET));
}

#[tokio::test]
async fn a_stale_request_is_refused_before_its_body_is_read() {
    let receiver = Receiver::start().await;
    for timestamp in [now() - 72 * 3600 - 60, now() + 400] {
        let timestamp = timestamp.to_string();
        let signature = secret().sign(timestamp.as_bytes(), b"").to_string();
        // The body never comes.
        let request = signed(&secret(), "x".repeat(1000))
            .replace("X-Aghanim-Signature", signature)
            .replace("X-Aghanim-Signature-Timestamp", &timestamp)
            .wire_body("");
        let answer = timeout(Duration::from_secs(2), receiver.send(&request)).await.expect("it waited for the body");
        assert_eq!(answer.status, 403, "{timestamp}");
    }
}

/// Opens a connection and sends a request whose body lacks its last byte.
async fn unfinished(receiver: &Receiver, length: usize) -> TcpStream {
    let signature = "0".repeat(64);
    let head = format!(
        "POST /webhook HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         X-Aghanim-Signature: {signature}\r\nX-Aghanim-Signature-Timestamp: {}\r\n\r\n",
        now()
    );
    let mut connection = TcpStream::connect(receiver.server.address()).await.unwrap();
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(&vec![b' '; length - 1]).await.unwrap();
    connection
}

/// Returns the answer that has come until now, if any.
async fn answer_so_far(connection: &mut TcpStream) -> Option<String> {
    let mut answer = vec![0; 1000];
    let read = timeout(Duration::from_millis(500), connection.read(&mut answer)).await.ok()?.unwrap();
    Some(String::from_utf8_lossy(&answer[..read]).into_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_bodies_are_bounded_over_all_connections() {
    const BODY: usize = 900_000;
    let receiver = Receiver::with(|hooks| hooks.unverified_limit(2 * 1024 * 1024)).await;
    let mut connections = Vec::new();
    for _ in 0..6 {
        connections.push(unfinished(&receiver, BODY).await);
    }
    let mut refused = 0;
    for connection in &mut connections {
        if let Some(answer) = answer_so_far(connection).await {
            assert!(answer.starts_with("HTTP/1.1 503") && answer.to_lowercase().contains("retry-after: "), "{answer}");
            refused += 1;
        }
    }
    assert_eq!(refused, 4, "two bodies of 900 kB fit into 2 MiB");
    // An event of the usual size is still taken, a long one is not.
    assert_eq!(receiver.deliver(item_add("")).await.status, 200);
    let long = item_add(&" ".repeat(BODY));
    assert_eq!(receiver.deliver(&long).await.status, 503);
    drop(connections);
    let started = Instant::now();
    while receiver.deliver(&long).await.status != 200 {
        assert!(started.elapsed() < Duration::from_secs(5), "the memory was not given back");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_signed_body_does_not_stay_on_the_account() {
    let receiver = Receiver::with(|hooks| hooks.unverified_limit(1024 * 1024)).await;
    for _ in 0..5 {
        assert_eq!(receiver.deliver(item_add(&" ".repeat(900_000))).await.status, 200);
        assert_eq!(
            receiver.send(&signed(&Secret::new("another secret...").unwrap(), " ".repeat(900_000))).await.status,
            403
        );
    }
}

#[tokio::test]
async fn an_event_can_be_made_to_say_its_environment() {
    let receiver = Receiver::with(|hooks| hooks.only(Environment::Live, Otherwise::Refuse)).await;
    for members in ["", r#","sandbox":null"#, r#","sandbox":false"#] {
        assert_eq!(receiver.deliver(item_add(members)).await.status, 200, "{members}: absent counts as live");
    }
    let strict = Receiver::with(|hooks| hooks.only(Environment::Live, Otherwise::Refuse).require_sandbox_flag()).await;
    for (members, status) in
        [("", 400), (r#","sandbox":null"#, 400), (r#","sandbox":false"#, 200), (r#","sandbox":true"#, 400)]
    {
        assert_eq!(strict.deliver(item_add(members)).await.status, status, "{members}");
    }
    assert_eq!(strict.runs(), 1);
}
