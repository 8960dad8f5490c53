use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use futures_util::FutureExt;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tower_service::Service;

use crate::body::Received;
use crate::stream::Stream;
use crate::table::{Patience, Phase, Place, Table};

/// The pause after an error of `accept`. The usual cause is that no file descriptors are left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The time after the stop to accept clients that have connected, and again to read what they have sent.
const LAST_CLIENTS: Duration = Duration::from_millis(50);

/// Serves an axum router over HTTP/1.1; see the [crate](crate) for the bounds and their defaults.
#[derive(Debug, Clone)]
#[must_use = "a server does nothing until `serve` is called"]
pub struct Server {
    connections: usize,
    patience: Patience,
    header_bytes: usize,
    grace: Duration,
}

/// How a server ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stopped {
    /// Requests that had been received, and were cut because they were not answered within [`Server::grace`].
    pub cut: usize,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            connections: 1024,
            patience: Patience { head: Duration::from_secs(10), idle: Duration::from_secs(75) },
            header_bytes: 16 * 1024,
            grace: Duration::from_secs(15),
        }
    }
}

impl Server {
    /// A server with the default bounds.
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of connections that are open at once: 1,024 unless set.
    ///
    /// Each takes one file descriptor, and about 20 KiB of memory while it waits. So keep the number well under
    /// `ulimit -n` and the machine's memory. At least one is served.
    pub fn connections(mut self, most: usize) -> Self {
        self.connections = most.max(1);
        self
    }

    /// The time for a request's headers, from their first byte to their last: 10 seconds unless set.
    ///
    /// For a new connection it counts from its beginning.
    pub fn header_timeout(mut self, time: Duration) -> Self {
        self.patience.head = time;
        self
    }

    /// The time that a connection may stay open between two requests: 75 seconds unless set.
    ///
    /// Choose a longer time than the proxy in front does, so that the proxy closes first. If this side closes first,
    /// the proxy may just have sent a request.
    pub fn idle_timeout(mut self, time: Duration) -> Self {
        self.patience.idle = time;
        self
    }

    /// The size of a request's head in bytes: 16 KiB unless set. A larger one is answered 431.
    pub fn header_bytes(mut self, most: usize) -> Self {
        self.header_bytes = most;
        self
    }

    /// The time in which open requests are finished once the server is told to stop: 15 seconds unless set.
    ///
    /// Choose more than `Webhooks::timeout`, and less than what the platform gives between SIGTERM and SIGKILL.
    pub fn grace(mut self, time: Duration) -> Self {
        self.grace = time;
        self
    }

    /// Serves until `stop` ends, then finishes the open requests.
    ///
    /// Clients that had connected by then are still served; idle connections are closed. Returns when the last connection
    /// has ended, or after the [grace](Self::grace), with the number of requests that were cut.
    ///
    /// # Errors
    /// Fails if the listener has no address.
    pub async fn serve(
        self,
        listener: TcpListener,
        app: Router,
        stop: impl Future<Output = ()> + Send,
    ) -> io::Result<Stopped> {
        let address = listener.local_addr()?;
        let table = Table::new(self.connections);
        let graceful = GracefulShutdown::new();
        let sweeper = tokio::spawn(sweep(Arc::clone(&table), self.patience));
        let _sweeper = AbortOnDrop(sweeper);
        let open = Open { http: self.http(), table: Arc::clone(&table), app, next: 0 };
        self.accept(&listener, open, &graceful, stop).await;
        drop(listener);
        // hyper closes a connection on which nothing was read. Requests that have arrived are read in this time.
        sleep(LAST_CLIENTS).await;
        tracing::info!(%address, open = table.len(), "stopped accepting connections");
        if timeout(self.grace, graceful.shutdown()).await.is_ok() {
            return Ok(Stopped { cut: 0 });
        }
        let cut = table.cut();
        if cut > 0 {
            tracing::error!(cut, grace = ?self.grace, "requests were cut: they took longer than `Server::grace`");
        }
        Ok(Stopped { cut })
    }

    async fn accept(
        &self,
        listener: &TcpListener,
        mut open: Open,
        graceful: &GracefulShutdown,
        stop: impl Future<Output = ()> + Send,
    ) {
        let mut stop = pin!(stop);
        loop {
            let accepted = tokio::select! {
                () = &mut stop => break,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => {
                    let place = tokio::select! {
                        // All connections are at work when the server is told to stop. This client has sent nothing
                        // that was read.
                        () = &mut stop => break,
                        place = open.place() => place,
                    };
                    open.serve(stream, place, graceful);
                }
                Err(error) if is_of_the_client(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "no connection can be accepted: raise `ulimit -n`, or lower `Server::connections`");
                    open.table.close_longest_waiting();
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        // Closing the listener resets the connections that the kernel has accepted for it.
        let end = Instant::now() + LAST_CLIENTS;
        while let Ok(Ok((stream, _))) = timeout_at(end, listener.accept()).await {
            let Some(place) = open.place().now_or_never() else { break };
            open.serve(stream, place, graceful);
        }
    }

    fn http(&self) -> http1::Builder {
        let mut http = http1::Builder::new();
        // The sweeper has this time limit and the one for idle connections, with one timer for all of them.
        http.header_read_timeout(None).max_header_size(self.header_bytes);
        http
    }
}

/// The parts that every new connection needs.
struct Open {
    http: http1::Builder,
    table: Arc<Table>,
    app: Router,
    next: u64,
}

impl Open {
    async fn place(&mut self) -> Place {
        self.next += 1;
        self.table.place(self.next).await
    }

    fn serve(&self, tcp: TcpStream, place: Place, graceful: &GracefulShutdown) {
        // An answer is one small packet. Without this, the kernel may hold it back to wait for more.
        if let Err(error) = tcp.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was not set");
        }
        let connection = Arc::clone(place.connection());
        let (entry, app) = (Arc::clone(&connection), self.app.clone());
        let service = service_fn(move |request: Request<Incoming>| {
            let (connection, mut app) = (Arc::clone(&connection), app.clone());
            async move {
                let (parts, body) = request.into_parts();
                let body = Received::new(body, Arc::clone(&connection))?;
                let Ok(response) = app.call(Request::from_parts(parts, body)).await;
                // If the connection is being closed at this moment, do nothing more for it.
                connection.enter(Phase::Idle);
                Ok::<_, io::Error>(response)
            }
        });
        let stream = TokioIo::new(Stream::new(tcp, Arc::clone(&entry)));
        let served = graceful.watch(self.http.serve_connection(stream, service));
        let task = tokio::spawn(async move {
            // The place is free once the connection is closed, not before.
            let _place = place;
            if let Err(error) = served.await {
                tracing::debug!(%error, "a connection broke");
            }
        });
        entry.runs_in(task.abort_handle());
    }
}

/// Closes connections that have waited too long.
///
/// It looks ten times per shortest time limit, so that no client gets much more time than was set.
async fn sweep(table: Arc<Table>, patience: Patience) {
    let pause = (patience.head.min(patience.idle) / 10).clamp(Duration::from_millis(10), Duration::from_secs(1));
    loop {
        sleep(pause).await;
        table.sweep(patience);
    }
}

struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
