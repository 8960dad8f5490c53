use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use aghanim_hooks_serve::{Server, Stopped};
use axum::Router;
use axum::body::Bytes;
use axum::routing::{get as on_get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// A server on a free port of the loopback interface.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<io::Result<Stopped>>,
}

impl Running {
    pub(crate) async fn start(server: Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it has one");
        let app = Router::new()
            .route("/", on_get(async || "hello").post(async |body: Bytes| body.len().to_string()))
            .route("/slow", post(async || sleep(Duration::from_millis(500)).await))
            .route("/hangs", post(async || std::future::pending::<()>().await));
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(server.serve(listener, app, async { drop(stopped.await) }));
        Self { address, stop, served }
    }

    pub(crate) async fn stop(self) -> Stopped {
        self.stop.send(()).expect("it still serves");
        timeout(Duration::from_secs(20), self.served).await.expect("it stops").expect("no panic").expect("no error")
    }
}

/// Sends these bytes on a connection of their own, and reads until the server closes it.
pub(crate) async fn send(address: SocketAddr, bytes: &[u8]) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(bytes).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

/// Asks for `/`.
pub(crate) async fn get(address: SocketAddr) -> io::Result<String> {
    send(address, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await
}
