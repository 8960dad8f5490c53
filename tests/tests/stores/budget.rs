//! The round trips and statements of a delivery to PostgreSQL, counted on the wire.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use aghanim_hooks::idempotency::{Claim, Claimed, Fingerprint, IdempotencyStore, Key, PostgresStore};
use aghanim_hooks_tests::postgres;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use crate::fixture::{BRIEF_LEASE, answer, outcome};

/// The client's messages: statements, with their text if it was sent, and the ends of round trips.
#[derive(Default, Clone)]
struct Wire(Arc<Mutex<Vec<Sent>>>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Sent {
    /// A statement as text: `BEGIN` and its like.
    Text(String),
    /// A prepared statement.
    Prepared,
    /// The client waits for the answer to prepared statements.
    Sync,
}

impl Wire {
    fn take(&self) -> Vec<Sent> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// Passes a client's messages on, and notes them.
    async fn relay(self, mut client: OwnedReadHalf, mut server: OwnedWriteHalf) -> std::io::Result<()> {
        let mut startup = true;
        loop {
            let kind = if startup { 0 } else { client.read_u8().await? };
            let length = client.read_u32().await?;
            let mut message = vec![0; length as usize - 4];
            client.read_exact(&mut message).await?;
            let sent = match kind {
                b'Q' => Some(Sent::Text(String::from_utf8_lossy(&message).trim_end_matches('\0').to_owned())),
                b'E' => Some(Sent::Prepared),
                b'S' => Some(Sent::Sync),
                _ => None,
            };
            self.0.lock().unwrap().extend(sent);
            if !startup {
                server.write_u8(kind).await?;
            }
            startup = false;
            server.write_u32(length).await?;
            server.write_all(&message).await?;
        }
    }
}

/// Listens in front of a server.
async fn tap(server: (String, u16), wire: Wire) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let upstream = TcpStream::connect((server.0.as_str(), server.1)).await.unwrap();
            client.set_nodelay(true).unwrap();
            upstream.set_nodelay(true).unwrap();
            let (from_client, mut to_client) = client.into_split();
            let (mut from_server, to_server) = upstream.into_split();
            tokio::spawn(wire.clone().relay(from_client, to_server));
            tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
        }
    });
    address
}

fn claim(name: &str) -> Claim {
    let deadline = Instant::now() + std::time::Duration::from_secs(10);
    Claim::new(Key::new("gm_1", false, "item.add", name), Fingerprint::new(b"{}"), BRIEF_LEASE, deadline)
}

#[tokio::test]
async fn a_delivery_is_four_statements_and_one_commit() {
    let Some(server) = postgres::server() else { return };
    let database = server.database().await;
    let options: PgConnectOptions = database.url().parse().unwrap();
    let wire = Wire::default();
    let tapped = tap((options.get_host().to_owned(), options.get_port()), wire.clone()).await;
    let options = options.host("127.0.0.1").port(tapped.port()).ssl_mode(PgSslMode::Disable);
    let pool = PgPoolOptions::new().max_connections(1).test_before_acquire(false).connect_with(options).await.unwrap();
    let store = PostgresStore::options().pool(pool).await.unwrap();
    let deliver = async |name: &str| {
        let claim = claim(name);
        match store.begin(&claim).await.unwrap() {
            Claimed::Mine(transaction) => transaction.commit(&answer("ok")).await.unwrap(),
            other => assert!(matches!(outcome(other), Claimed::Answered(_))),
        }
    };
    let settle = || tokio::time::sleep(std::time::Duration::from_millis(300));
    // The first on a connection prepares its statements; the first of all makes way for the housekeeping.
    settle().await;
    deliver("first").await;
    settle().await;

    wire.take();
    deliver("second").await;
    settle().await;
    let text = |text: &str| Sent::Text(text.to_owned());
    let claim_and_answer = [Sent::Prepared, Sent::Sync, Sent::Prepared, Sent::Sync];
    // sqlx sends the last one when the connection goes back to the pool. No request waits for it.
    let expected = [&[text("BEGIN")], &claim_and_answer[..], &[text("COMMIT"), Sent::Sync]].concat();
    assert_eq!(wire.take(), expected, "four round trips");

    deliver("second").await;
    settle().await;
    wire.take();
    deliver("second").await;
    settle().await;
    let expected = [&[text("BEGIN")], &claim_and_answer[..], &[text("ROLLBACK"), Sent::Sync]].concat();
    assert_eq!(wire.take(), expected, "a duplicate looks instead, and writes nothing");
}
