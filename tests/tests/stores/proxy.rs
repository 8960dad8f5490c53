//! A TCP proxy in front of PostgreSQL, to hold back the answer to a chosen statement.

use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::{Arc, Mutex};

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};

/// Forwards connections to a server.
pub(crate) struct Proxy {
    options: PgConnectOptions,
    shared: Arc<Shared>,
}

struct Shared {
    /// The statement to wait for, in bytes of the protocol.
    statement: Mutex<Option<Vec<u8>>>,
    seen: Notify,
    hold: watch::Sender<bool>,
}

impl Proxy {
    /// Listens on a free port of the loopback interface, in front of the server of this URL.
    pub(crate) async fn start(url: &str) -> Self {
        let options = PgConnectOptions::from_str(url).unwrap();
        let server = format!("{}:{}", options.get_host(), options.get_port());
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared =
            Arc::new(Shared { statement: Mutex::new(None), seen: Notify::new(), hold: watch::channel(false).0 });
        tokio::spawn(accept(listener, server, Arc::clone(&shared)));
        // Encrypted, the statements could not be recognised.
        Self { options: options.host("127.0.0.1").port(port).ssl_mode(PgSslMode::Disable), shared }
    }

    /// A pool of one connection through this proxy.
    pub(crate) async fn pool(&self) -> PgPool {
        PgPoolOptions::new().max_connections(1).connect_with(self.options.clone()).await.unwrap()
    }

    /// From the next time this statement is sent, holds back everything that the server answers.
    pub(crate) fn hold_the_answer_to(&self, statement: &str) {
        *self.shared.statement.lock().unwrap() = Some(format!("{statement}\0").into_bytes());
    }

    /// Waits until the statement has been sent.
    pub(crate) async fn seen(&self) {
        self.shared.seen.notified().await;
    }

    /// Delivers what was held back.
    pub(crate) fn release(&self) {
        self.shared.hold.send_replace(false);
    }
}

async fn accept(listener: TcpListener, server: String, shared: Arc<Shared>) {
    loop {
        let (client, _) = listener.accept().await.unwrap();
        let server = TcpStream::connect(&server).await.unwrap();
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        tokio::spawn(statements(from_client, to_server, Arc::clone(&shared)));
        tokio::spawn(answers(from_server, to_client, shared.hold.subscribe()));
    }
}

async fn statements(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, shared: Arc<Shared>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let sent = &buffer[..length];
        let is_awaited = |statement: &mut Vec<u8>| sent.windows(statement.len()).any(|part| part == &statement[..]);
        if shared.statement.lock().unwrap().take_if(is_awaited).is_some() {
            shared.hold.send_replace(true);
            shared.seen.notify_one();
        }
        if to.write_all(sent).await.is_err() {
            break;
        }
    }
}

async fn answers(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut hold: watch::Receiver<bool>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let released = hold.wait_for(|hold| !hold).await.is_ok();
        if !released || to.write_all(&buffer[..length]).await.is_err() {
            break;
        }
    }
}
