//! The part of PostgreSQL's protocol 3.0 that shows which statement a client executes.

use std::collections::HashMap;
use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// The longest message, in bytes. A longer one is not from PostgreSQL, or not from these tests.
const LONGEST: usize = 64 << 20;

/// One message as it goes over the wire, its head included.
pub(super) struct Message {
    /// `None` for the first message of a client, which has no type.
    kind: Option<u8>,
    bytes: Vec<u8>,
}

impl Message {
    fn payload(&self) -> &[u8] {
        let head = if self.kind.is_some() { 5 } else { 4 };
        self.bytes.get(head..).unwrap_or_default()
    }

    /// True for the server's `ReadyForQuery`.
    pub(super) fn is_ready_for_query(&self) -> bool {
        self.kind == Some(b'Z')
    }

    pub(super) fn is_simple_query(&self) -> bool {
        self.kind == Some(b'Q')
    }

    pub(super) async fn send(&self, to: &mut OwnedWriteHalf) -> io::Result<()> {
        to.write_all(&self.bytes).await
    }
}

/// Reads messages. [`next`](Self::next) loses nothing when its future is dropped.
pub(super) struct Messages {
    from: OwnedReadHalf,
    buffer: Vec<u8>,
    has_started: bool,
}

impl Messages {
    pub(super) fn of_client(from: OwnedReadHalf) -> Self {
        Self { from, buffer: Vec::new(), has_started: false }
    }

    pub(super) fn of_server(from: OwnedReadHalf) -> Self {
        Self { from, buffer: Vec::new(), has_started: true }
    }

    /// Returns the next message, or `None` at the end of the connection.
    pub(super) async fn next(&mut self) -> io::Result<Option<Message>> {
        loop {
            if let Some(message) = self.take()? {
                return Ok(Some(message));
            }
            if self.from.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        }
    }

    fn take(&mut self) -> io::Result<Option<Message>> {
        let head = usize::from(self.has_started);
        let Some(length) = self.buffer.get(head..head + 4) else { return Ok(None) };
        let length = u32::from_be_bytes([length[0], length[1], length[2], length[3]]) as usize;
        if !(4..=LONGEST).contains(&length) {
            return Err(io::Error::other(format!("no message of PostgreSQL has {length} bytes")));
        }
        if self.buffer.len() < head + length {
            return Ok(None);
        }
        let rest = self.buffer.split_off(head + length);
        let bytes = std::mem::replace(&mut self.buffer, rest);
        let kind = self.has_started.then(|| bytes[0]);
        self.has_started = true;
        Ok(Some(Message { kind, bytes }))
    }
}

/// The effect of a client's message on the server.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// A new connection.
    Connect,
    /// A statement, sent as a simple query, or prepared, bound and executed.
    Execute(String),
    /// Any other message.
    Other,
}

/// The prepared statements and portals of a client, by name; the empty name is one too.
#[derive(Default)]
pub(super) struct Names {
    statements: HashMap<Vec<u8>, String>,
    portals: HashMap<Vec<u8>, Vec<u8>>,
    /// The number of times that the server will send `ReadyForQuery`.
    pub(super) will_be_ready: u64,
}

impl Names {
    /// Reads a message of the client.
    pub(super) fn read(&mut self, message: &Message) -> Request {
        let mut fields = message.payload().split(|byte| *byte == 0);
        let mut field = || fields.next().unwrap_or_default().to_vec();
        match message.kind {
            None => {
                self.will_be_ready += 1;
                Request::Connect
            }
            Some(b'Q') => {
                self.will_be_ready += 1;
                Request::Execute(text(&field()))
            }
            Some(b'S') => {
                self.will_be_ready += 1;
                Request::Other
            }
            Some(b'P') => {
                let (name, statement) = (field(), field());
                self.statements.insert(name, text(&statement));
                Request::Other
            }
            Some(b'B') => {
                let (portal, statement) = (field(), field());
                self.portals.insert(portal, statement);
                Request::Other
            }
            Some(b'E') => {
                let statement = self.portals.get(&field()).and_then(|name| self.statements.get(name));
                statement.map_or(Request::Other, |statement| Request::Execute(statement.clone()))
            }
            Some(_) => Request::Other,
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, payload: &[u8]) -> Message {
        let length = u32::try_from(payload.len() + 4).unwrap().to_be_bytes();
        Message { kind: Some(kind), bytes: [&[kind], &length[..], payload].concat() }
    }

    #[test]
    fn a_simple_query_is_a_statement() {
        let mut names = Names::default();
        assert_eq!(names.read(&message(b'Q', b"BEGIN\0")), Request::Execute("BEGIN".to_owned()));
        assert_eq!(names.will_be_ready, 1);
    }

    #[test]
    fn a_prepared_statement_is_known_by_its_name() {
        let mut names = Names::default();
        for (name, sql) in [("one", "SELECT 1"), ("two", "SELECT 2"), ("", "SELECT 3")] {
            let parse = [name.as_bytes(), b"\0", sql.as_bytes(), b"\0\0\0"].concat();
            assert_eq!(names.read(&message(b'P', &parse)), Request::Other);
        }
        for (portal, name, sql) in [("", "two", "SELECT 2"), ("p", "one", "SELECT 1"), ("", "", "SELECT 3")] {
            let bind = [portal.as_bytes(), b"\0", name.as_bytes(), b"\0\0\0\0\0"].concat();
            assert_eq!(names.read(&message(b'B', &bind)), Request::Other);
            let execute = [portal.as_bytes(), b"\0\0\0\0\0"].concat();
            assert_eq!(names.read(&message(b'E', &execute)), Request::Execute(sql.to_owned()));
            assert_eq!(names.read(&message(b'S', b"")), Request::Other);
        }
        assert_eq!(names.will_be_ready, 3);
    }
}
