//! A TCP proxy in front of PostgreSQL. It holds back, delays or cuts at a chosen moment of a delivery.

mod moment;
mod protocol;
mod relay;

use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

pub use moment::{Fault, Moment, Side, What};
use protocol::Request;
use relay::Relay;

/// Forwards connections to a server, with one [`Fault`] at a time.
#[derive(Debug)]
pub struct Proxy {
    options: PgConnectOptions,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    armed: Mutex<Option<Armed>>,
    /// The fault has been reached.
    reached: Notify,
    /// The number of times that held messages were released.
    let_go: watch::Sender<u64>,
    /// The number of times that all connections were cut.
    cut: watch::Sender<u64>,
    /// The number of transactions that have ended, by `COMMIT` or `ROLLBACK`.
    ended: watch::Sender<u64>,
}

/// A fault, and the requests that it comes with.
struct Armed {
    fault: Fault,
    matches: Box<dyn Fn(&Request) -> bool + Send>,
}

impl Proxy {
    /// Listens on a free port of the loopback interface, in front of the server of this URL.
    ///
    /// # Panics
    /// Panics if the URL is not one of PostgreSQL, or no port is free.
    pub async fn start(url: &str) -> Self {
        let options = PgConnectOptions::from_str(url).expect("the URL of a database");
        let server = (options.get_host().to_owned(), options.get_port());
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.expect("a free port");
        let port = listener.local_addr().expect("a bound address").port();
        let shared = Arc::new(Shared::new());
        let accepting = tokio::spawn(accept(listener, server, Arc::clone(&shared)));
        // Without encryption, since the proxy has to read the statements.
        let options = options.host("127.0.0.1").port(port).ssl_mode(PgSslMode::Disable);
        Self { options, shared, accepting }
    }

    /// The options to connect through this proxy.
    #[must_use]
    pub fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// A pool of one connection through this proxy.
    ///
    /// # Panics
    /// Panics if the server cannot be reached.
    pub async fn pool(&self) -> PgPool {
        let options = PgPoolOptions::new().max_connections(1);
        options.connect_with(self.options()).await.expect("a connection through the proxy")
    }

    /// Sets a fault, which happens once, at the next such moment.
    pub fn arm(&self, fault: Fault) {
        let moment = fault.moment;
        self.arm_for(fault, move |request| moment.is(request));
    }

    /// Holds back the answer to this statement, once.
    pub fn hold_the_answer_to(&self, statement: &'static str) {
        let fault = Fault { what: What::Hold, side: Side::After, moment: Moment::Handler };
        self.arm_for(fault, move |request| matches!(request, Request::Execute(text) if text == statement));
    }

    fn arm_for(&self, fault: Fault, matches: impl Fn(&Request) -> bool + Send + 'static) {
        *self.shared.armed() = Some(Armed { fault, matches: Box::new(matches) });
    }

    /// Forgets a fault that has not been reached.
    pub fn disarm(&self) {
        *self.shared.armed() = None;
    }

    /// Waits until the fault is reached: the message is here and not sent, or its answer is here and not delivered.
    pub async fn reached(&self) {
        self.shared.reached.notified().await;
    }

    /// Releases all messages that are held back.
    pub fn release(&self) {
        self.shared.let_go.send_modify(|times| *times += 1);
    }

    /// Cuts all connections.
    pub fn cut(&self) {
        self.shared.cut.send_modify(|times| *times += 1);
    }

    /// Waits until this many transactions have ended through this proxy.
    ///
    /// # Panics
    /// Never: the proxy keeps the count itself.
    pub async fn transactions_ended(&self, times: u64) {
        let mut ended = self.shared.ended.subscribe();
        ended.wait_for(|ended| *ended >= times).await.expect("the proxy is here");
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

impl Shared {
    fn new() -> Self {
        Self {
            armed: Mutex::default(),
            reached: Notify::new(),
            let_go: watch::Sender::new(0),
            cut: watch::Sender::new(0),
            ended: watch::Sender::new(0),
        }
    }

    fn armed(&self) -> std::sync::MutexGuard<'_, Option<Armed>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the fault that comes with this request.
    fn fault(&self, request: &Request) -> Option<Fault> {
        self.armed().take_if(|armed| (armed.matches)(request)).map(|armed| armed.fault)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

async fn accept(listener: TcpListener, (host, port): (String, u16), shared: Arc<Shared>) {
    // Ends when the listener fails, or with the proxy.
    while let Ok((client, _)) = listener.accept().await {
        let (shared, host) = (Arc::clone(&shared), host.clone());
        tokio::spawn(async move {
            // If the server is away, or a connection breaks, only this connection ends.
            if let Ok(server) = TcpStream::connect((host.as_str(), port)).await {
                // Otherwise small messages wait for each other's acknowledgement, 40 ms each.
                drop((client.set_nodelay(true), server.set_nodelay(true)));
                drop(Relay::new(client, server, shared).run().await);
            }
        });
    }
}
