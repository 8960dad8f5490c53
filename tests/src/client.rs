use std::fmt::Display;
use std::io;
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use aghanim_hooks::Secret;
use axum::body::Body;
use axum::http::HeaderValue;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request, sent byte for byte. Only `Host` and `Connection` are added, and nothing is checked or corrected.
#[derive(Debug, Clone)]
pub struct Request {
    method: String,
    path: String,
    headers: Vec<(String, Vec<u8>)>,
    /// The bytes after the head, as they are sent.
    wire_body: Vec<u8>,
    close_after: bool,
}

impl Request {
    /// A `POST` to `/webhook` of this body, with its length announced.
    #[must_use]
    pub fn post(body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        Self {
            method: "POST".into(),
            path: "/webhook".into(),
            headers: Vec::new(),
            wire_body: body.to_vec(),
            close_after: false,
        }
        .header("Content-Length", body.len().to_string())
    }

    /// Uses another method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        method.clone_into(&mut self.method);
        self
    }

    /// Goes to another path.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// Adds a header; a second one of the same name is a second line.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Removes every header of this name.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(header, _)| !header.eq_ignore_ascii_case(name));
        self
    }

    /// Replaces all headers of this name.
    #[must_use]
    pub fn replace(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.without(name).header(name, value)
    }

    /// Sends the body in chunks of this size, without its length.
    #[must_use]
    pub fn chunked(mut self, size: usize) -> Self {
        let mut wire = Vec::new();
        for chunk in self.wire_body.chunks(size) {
            wire.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            wire.extend_from_slice(chunk);
            wire.extend_from_slice(b"\r\n");
        }
        wire.extend_from_slice(b"0\r\n\r\n");
        self.wire_body = wire;
        self.without("Content-Length").header("Transfer-Encoding", "chunked")
    }

    /// Replaces the body on the wire, leaving the headers as they are.
    #[must_use]
    pub fn wire_body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.wire_body = body.as_ref().to_vec();
        self
    }

    /// Closes its side after the body, even if more bytes were announced.
    #[must_use]
    pub fn close_after(mut self) -> Self {
        self.close_after = true;
        self
    }

    /// The same request for a service in this process. It must not be chunked, or end early.
    ///
    /// # Panics
    /// Panics if its method, path or headers are not valid in HTTP.
    #[must_use]
    pub fn to_http(&self) -> axum::http::Request<Body> {
        let mut request = axum::http::Request::builder().method(self.method.as_str()).uri(self.path.as_str());
        for (name, value) in &self.headers {
            request = request.header(name, value.as_slice());
        }
        request.body(Body::from(self.wire_body.clone())).expect("a request of HTTP")
    }

    /// The request's bytes, head and body.
    #[must_use]
    pub fn wire(&self, host: impl Display) -> Vec<u8> {
        [self.head(host).as_slice(), &self.wire_body].concat()
    }

    fn head(&self, host: impl Display) -> Vec<u8> {
        let mut head =
            format!("{} {} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n", self.method, self.path).into_bytes();
        for (name, value) in &self.headers {
            head.extend_from_slice(name.as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        head
    }

    /// Sends the request on a connection of its own, and reads the answer.
    ///
    /// # Errors
    /// Fails if the connection breaks, or if the answer is not HTTP.
    pub async fn send(&self, to: SocketAddr) -> io::Result<Response> {
        let head = self.head(to);
        let (mut reader, mut writer) = TcpStream::connect(to).await?.into_split();
        // A server may answer and close before it has read everything. Then the answer counts.
        let sending = async {
            writer.write_all(&head).await?;
            writer.write_all(&self.wire_body).await?;
            if self.close_after { writer.shutdown().await } else { Ok(()) }
        };
        let mut answer = Vec::new();
        let (_sent, read) = tokio::join!(sending, reader.read_to_end(&mut answer));
        match Response::parse(&answer) {
            Some(response) => Ok(response),
            None => Err(read.err().unwrap_or_else(|| io::Error::other(format!("no HTTP: {}", answer.escape_ascii())))),
        }
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers, names in lower case, without `date`.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// Reads an answer from its bytes. `None` if they are not HTTP.
    #[must_use]
    pub fn parse(wire: &[u8]) -> Option<Self> {
        let end = wire.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&wire[..end]).ok()?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .filter(|(name, _)| name != "date")
            .collect();
        Some(Self { status, headers, body: wire[end + 4..].to_vec() })
    }

    /// The answer of a service in this process.
    ///
    /// # Panics
    /// Panics if its body breaks off.
    pub async fn of(response: axum::response::Response) -> Self {
        let (head, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.expect("a whole body").to_vec();
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        Self { status: head.status.as_u16(), headers, body }
    }

    /// The first header of this name, given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// The status and the body, for messages.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{} {}", self.status, String::from_utf8_lossy(&self.body))
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// Panics if it is not JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("the body is not JSON ({error}): {}", self.body.escape_ascii()))
    }
}

/// A request as Aghanim sends it, signed now.
///
/// # Panics
/// Panics if the machine's clock is before 1970.
#[must_use]
pub fn signed(secret: &Secret, body: impl AsRef<[u8]>) -> Request {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs().to_string();
    let signature = secret.sign(now.as_bytes(), body.as_ref()).to_string();
    Request::post(body)
        .header("Content-Type", "application/json")
        .header("User-Agent", "Aghanim/0.1.0")
        .header("X-Aghanim-Signature", signature)
        .header("X-Aghanim-Signature-Timestamp", now)
}
