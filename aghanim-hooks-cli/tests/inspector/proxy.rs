//! `--forward`: no byte of the body or of a signed header changes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aghanim_hooks_tests::{Request, Response, signed};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{Inspector, item_add, receiver_with, secret, until};

/// A receiver that keeps the bytes of each request, and answers with these bytes. Without any, it never answers.
async fn raw_receiver(answer: &'static [u8]) -> (String, Arc<Mutex<Vec<Vec<u8>>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook?from=test", listener.local_addr().unwrap());
    let came: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
    let kept = Arc::clone(&came);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, answer, Arc::clone(&kept)));
        }
    });
    (url, came)
}

async fn converse(mut stream: TcpStream, answer: &'static [u8], kept: Arc<Mutex<Vec<Vec<u8>>>>) {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    while !is_whole(&request) {
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => break,
            Ok(size) => request.extend_from_slice(&piece[..size]),
        }
    }
    kept.lock().unwrap().push(request);
    if answer.is_empty() {
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    stream.write_all(answer).await.unwrap();
}

/// The head and the body of a request.
fn split(request: &[u8]) -> Option<(String, &[u8])> {
    let end = request.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some((String::from_utf8_lossy(&request[..end]).into_owned(), &request[end + 4..]))
}

fn is_whole(request: &[u8]) -> bool {
    let Some((head, body)) = split(request) else { return false };
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_byte_of_the_body_or_of_a_signed_header_changes() {
    let (url, came) = raw_receiver(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await;
    let inspector = Inspector::start(&["--forward", &url]);
    let mut odd_body =
        b" {\"event_type\" : \"item.add\",\r\n\t\"event_data\":{\"a\":1.0e+3,\"a\":\"\\u00eb\xc3\xab\"}}\n".to_vec();
    let text = odd_body.clone();
    odd_body.extend_from_slice(b"\xff\x00\xfe");
    let large: Vec<u8> = (0..1024 * 1024).map(|index: u32| index.to_le_bytes()[0]).collect();
    for body in [text, odd_body, large, Vec::new()] {
        for chunked in [false, true] {
            let request = signed(&secret(), &body)
                .header("X-Odd", b"a  b\t\xff\xe9 'c' \"d\", e")
                .header("X-Odd", "second")
                .header("X-EMPTY", "")
                .header("Keep-Alive", "timeout=5")
                .header("TE", "trailers")
                .header("Proxy-Authorization", "Basic c2VjcmV0");
            let request = if chunked { request.chunked(1000) } else { request };
            let answer = request.send(inspector.deliveries).await.unwrap();
            assert_eq!((answer.status, &answer.body[..]), (200, &b"{}"[..]));
            let seen = came.lock().unwrap().pop().unwrap();
            let (head, seen_body) = split(&seen).unwrap();
            assert!(seen_body == body, "{} bytes came as {}", body.len(), seen_body.len());
            assert!(head.starts_with("POST /hook?from=test HTTP/1.1\r\n"), "{head}");
            // The sender's own lines: name, spelling and value.
            let sent = request.wire("x");
            let lines = |bytes: &[u8]| -> Vec<Vec<u8>> {
                let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
                bytes[..end].split(|byte| *byte == b'\n').map(|line| line.trim_ascii_end().to_vec()).collect()
            };
            let seen_lines = lines(&seen);
            for line in lines(&sent) {
                let name = line.split(|byte| *byte == b':').next().unwrap().to_ascii_lowercase();
                let is_kept = name.starts_with(b"x-") || name == b"user-agent" || name == b"content-type";
                assert!(!is_kept || seen_lines.contains(&line), "{} in {head}", line.escape_ascii());
            }
            let lower = head.to_ascii_lowercase();
            for gone in ["keep-alive", "\r\nte:", "proxy-authorization", "transfer-encoding", "connection:"] {
                assert!(!lower.contains(gone), "{gone} in {head}");
            }
            assert_eq!(lower.matches("\r\nhost:").count(), 1, "{head}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_comes_back_as_it_was() {
    let answer = b"HTTP/1.1 418 I'm odd\r\nX-Game: a  b\r\nX-Game: c\r\nConnection: close, x-hop\r\nX-Hop: 1\r\n\
                   Content-Length: 4\r\n\r\n\xff\x00ab";
    let (url, _) = raw_receiver(answer).await;
    let inspector = Inspector::start(&["--forward", &url]);
    let answer = inspector.deliver(&item_add("k1")).await;
    assert_eq!((answer.status, &answer.body[..]), (418, &b"\xff\x00ab"[..]));
    let values: Vec<_> =
        answer.headers.iter().filter(|(name, _)| name == "x-game").map(|(_, value)| &**value).collect();
    assert_eq!(values, ["a  b", "c"]);
    assert_eq!(answer.header("x-hop"), None);
    let detail = inspector.latest().await;
    assert_eq!((&detail["answer"]["body"], &detail["answer"]["body_base64"]), (&json!(null), &json!("/wBhYg==")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receivers_path_is_used_or_else_the_senders() {
    let (url, came) = raw_receiver(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let bare = url.replace("/hook?from=test", "");
    for (forward, path) in [(&url, "POST /hook?from=test "), (&bare, "GET /some/path?a=%20b ")] {
        let inspector = Inspector::start(&["--forward", forward]);
        let method = path.split(' ').next().unwrap();
        signed(&secret(), "{}").method(method).path("/some/path?a=%20b").send(inspector.deliveries).await.unwrap();
        let head = split(&came.lock().unwrap().pop().unwrap()).unwrap().0;
        assert!(head.starts_with(path), "{head}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_never_answers_has_a_time_limit() {
    let (url, _) = raw_receiver(b"").await;
    let inspector = Inspector::start(&["--forward", &url, "--answer-timeout", "300ms"]);
    let answer = inspector.deliver(&item_add("k1")).await;
    assert_eq!((answer.status, &answer.json()["code"]), (504, &json!("receiver_timeout")));
    let detail = inspector.latest().await;
    assert_eq!((&detail["status"], &detail["failure"]), (&json!(null), &json!("no answer within 300ms")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_not_there_is_a_502() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let inspector = Inspector::start(&["--forward", &url]);
    let answer = inspector.deliver(&item_add("k1")).await;
    assert_eq!((answer.status, &answer.json()["code"]), (502, &json!("receiver_unreachable")));
    assert!(inspector.latest().await["failure"].as_str().unwrap().starts_with("unreachable: "));
    assert_eq!(inspector.get("/api/deliveries?status=none").await["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_hangs_up_is_seen_and_the_receiver_still_gets_everything() {
    let (url, came) = raw_receiver(b"").await;
    let inspector = Inspector::start(&["--forward", &url, "--answer-timeout", "1s"]);
    let request = signed(&secret(), item_add("k1").to_string()).wire(inspector.deliveries);
    let mut stream = TcpStream::connect(inspector.deliveries).await.unwrap();
    stream.write_all(&request).await.unwrap();
    until(async || (!came.lock().unwrap().is_empty()).then_some(())).await;
    drop(stream);
    // The receiver's time limit is what ends it.
    assert_eq!(inspector.latest().await["failure"], "no answer within 1s");

    let (_server, url) = receiver_with(None).await;
    let inspector = Inspector::start(&["--forward", &url, "--delay", "500ms"]);
    let mut stream = TcpStream::connect(inspector.deliveries).await.unwrap();
    stream.write_all(&request).await.unwrap();
    until(async || (!inspector.deliveries().await.is_empty()).then_some(())).await;
    drop(stream);
    let detail = inspector.latest().await;
    assert_eq!((&detail["status"], &detail["failure"]), (&json!(200), &json!("the sender hung up before the answer")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_breaks_off_or_is_too_large_is_not_passed_on() {
    let (url, came) = raw_receiver(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let inspector = Inspector::start(&["--forward", &url]);
    let mut stream = TcpStream::connect(inspector.deliveries).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"half\":").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    until(async || (!inspector.deliveries().await.is_empty()).then_some(())).await;
    let detail = inspector.latest().await;
    let failure = detail["failure"].as_str().unwrap();
    assert!(failure.starts_with("the body broke off after 8 of 100 bytes: "), "{failure}");
    assert_eq!(detail["body"], "{\"half\":");

    for chunked in [false, true] {
        let large = Request::post(vec![b' '; 1024 * 1024 + 1]);
        let large = if chunked { large.chunked(65_536) } else { large };
        let answer: Response = large.send(inspector.deliveries).await.unwrap();
        assert_eq!((answer.status, &answer.json()["code"]), (413, &json!("payload_too_large")));
    }
    assert!(came.lock().unwrap().is_empty());
}
