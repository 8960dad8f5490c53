//! A table of bad input over a real socket. Each row states the status, the code and the message of its answer.

mod bodies;
mod framing;
mod headers;

use std::time::Duration;

use aghanim_hooks_tests::{Request, Response, signed};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::receiver::{Receiver, player_verify, secret};

/// The message of every answer to a request that is not authenticated.
const UNSIGNED: Expected = Expected { status: 403, code: "invalid_signature", message: "Invalid signature" };

/// The answer that a row states.
#[derive(Clone, Copy)]
struct Expected {
    status: u16,
    /// Empty for an answer of the HTTP server, which has no body, and for a success.
    code: &'static str,
    /// The whole message, or its beginning if it ends in `…`.
    message: &'static str,
}

const fn refused(status: u16, code: &'static str, message: &'static str) -> Expected {
    Expected { status, code, message }
}

/// 400 with the code `validation_error`.
const fn malformed(message: &'static str) -> Expected {
    refused(400, "validation_error", message)
}

/// An answer of the HTTP server, before the endpoint is asked.
const fn by_http(status: u16) -> Expected {
    refused(status, "", "")
}

const ACCEPTED: Expected = by_http(200);

struct Row {
    name: String,
    wire: Vec<u8>,
    expected: Expected,
}

/// Collects rows.
#[derive(Default)]
struct Table(Vec<Row>);

impl Table {
    fn raw(&mut self, name: impl Into<String>, wire: impl Into<Vec<u8>>, expected: Expected) {
        self.0.push(Row { name: name.into(), wire: wire.into(), expected });
    }

    fn request(&mut self, name: impl Into<String>, request: &Request, expected: Expected) {
        self.raw(name, request.wire("localhost"), expected);
    }

    /// A signed body.
    fn body(&mut self, name: impl Into<String>, body: impl AsRef<[u8]>, expected: Expected) {
        self.request(name, &signed(&secret(), body), expected);
    }
}

/// Sends the bytes and reads the answer. A row whose request is cut off ends the sending side too.
async fn exchange(receiver: &Receiver, wire: &[u8], expected: Expected) -> Option<Response> {
    let cut_off = expected.status == 0 || expected.message == framing::BROKEN_OFF.message;
    let (mut reader, mut writer) = TcpStream::connect(receiver.server.address()).await.unwrap().into_split();
    // The server may answer and close before it has read everything.
    let sending = async {
        writer.write_all(wire).await?;
        if cut_off { writer.shutdown().await } else { Ok(()) }
    };
    let mut answer = Vec::new();
    let (_sent, _read) = tokio::join!(sending, timeout(Duration::from_secs(5), reader.read_to_end(&mut answer)));
    Response::parse(answer.strip_prefix(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap_or(&answer))
}

/// The reason why an answer is not the expected one.
fn difference(expected: Expected, answer: Option<&Response>) -> Option<String> {
    let Some(answer) = answer else { return (expected.status != 0).then(|| "no answer".to_owned()) };
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    if answer.status != expected.status {
        return Some(format!("status {}, body {body:.300}", answer.status));
    }
    if expected.code.is_empty() {
        let empty_is_right = expected.status != 200;
        return (empty_is_right != answer.body.is_empty()).then(|| format!("body {body:.300}"));
    }
    let json = answer.json();
    let message = json["message"].as_str().unwrap_or_default();
    let right = match expected.message.strip_suffix('…') {
        Some(beginning) => message.starts_with(beginning),
        None => message == expected.message,
    };
    let members = json.as_object().map(|object| object.keys().map(String::as_str).collect::<Vec<_>>());
    if json["status"] != "error" || json["code"] != expected.code || !right || members.unwrap_or_default().len() != 3 {
        return Some(format!("body {body:.300}"));
    }
    (answer.header("content-type") != Some("application/json")).then(|| format!("headers {:?}", answer.headers))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_bad_request_gets_its_stated_answer() {
    let receiver = Receiver::with(|hooks| hooks.timeout(Duration::from_millis(1500))).await;
    let mut table = Table::default();
    headers::rows(&mut table);
    framing::rows(&mut table);
    bodies::rows(&mut table);
    println!("{} rows", table.0.len());
    assert!(table.0.len() >= 300, "{} rows", table.0.len());

    let mut wrong = Vec::new();
    let good = signed(&secret(), player_verify("p"));
    for Row { name, wire, expected } in &table.0 {
        let before = receiver.runs();
        let answer = exchange(&receiver, wire, *expected).await;
        if let Some(difference) = difference(*expected, answer.as_ref()) {
            wrong.push(format!(
                "{name}: expected {} {:?} {:?}, got {difference}",
                expected.status, expected.code, expected.message
            ));
        }
        let ran = receiver.runs() - before;
        if ran != usize::from(expected.status == 200) {
            wrong.push(format!("{name}: a handler ran {ran} times"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), table.0.len(), wrong.join("\n"));
    // The receiver is unharmed.
    assert_eq!(receiver.send(&good).await.status, 200);
}
