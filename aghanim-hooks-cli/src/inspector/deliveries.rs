//! The listener for deliveries. It keeps the spelling of the headers' names.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aghanim_hooks::testing::RawAnswer;
use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http::header::CONNECTION;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::delivery::{Origin, Request};
use super::flow::{Reply, pass, refuse};
use super::hub::Hub;
use super::keep::keep;
use super::own_answer::refusal;

/// The largest body, in bytes. It is the default of an endpoint.
const LARGEST: usize = 1024 * 1024;

/// The connections that are served at once. Further ones wait. Each may hold a few copies of the largest body.
const CONNECTIONS: u32 = 64;

/// The time for the headers, and for the body.
const PATIENCE: Duration = Duration::from_secs(30);

/// The pause after an error of `accept`. The usual cause is that no file descriptors are left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The time for open deliveries when the inspector is told to stop.
const GRACE: Duration = Duration::from_secs(3);

/// Serves until `stop` says so, then finishes the open deliveries for a short time.
pub(crate) async fn serve(listener: TcpListener, hub: Arc<Hub>, mut stop: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS as usize));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let accepted = tokio::select! {
            () = told(&mut stop) => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => drop(tokio::spawn(converse(stream, Arc::clone(&hub), stop.clone(), place))),
            Err(error) => {
                anstream::eprintln!("warning: no connection can be accepted: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    // All places are free once every connection has ended.
    let _ended = tokio::time::timeout(GRACE, places.acquire_many(CONNECTIONS)).await;
}

/// Serves one connection.
async fn converse(stream: TcpStream, hub: Arc<Hub>, mut stop: watch::Receiver<bool>, _place: OwnedSemaphorePermit) {
    if let Err(error) = stream.set_nodelay(true) {
        anstream::eprintln!("warning: {error}");
    }
    let service = service_fn(|request| answer(Arc::clone(&hub), request));
    let mut http = http1::Builder::new();
    http.preserve_header_case(true).timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    let connection = http.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let is_stopping = tokio::select! {
        // A client that goes away, or that gets no answer on purpose, is no news here.
        _ = connection.as_mut() => false,
        () = told(&mut stop) => true,
    };
    if is_stopping {
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}

/// Ends when the inspector is told to stop, or is gone.
async fn told(stop: &mut watch::Receiver<bool>) {
    let _told = stop.wait_for(|stop| *stop).await;
}

/// The connection ends without an answer.
#[derive(Debug)]
struct HangUp;

impl std::fmt::Display for HangUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is closed without an answer")
    }
}

impl std::error::Error for HangUp {}

/// Notes that the sender has hung up: then hyper drops the future that holds this.
struct Presence(Arc<AtomicBool>);

impl Drop for Presence {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

async fn answer(hub: Arc<Hub>, request: hyper::Request<Incoming>) -> Result<hyper::Response<Full<Bytes>>, HangUp> {
    let is_gone = Arc::new(AtomicBool::new(false));
    let presence = Presence(Arc::clone(&is_gone));
    // A task of its own: what has begun is finished and kept, though the sender hangs up.
    let task = tokio::spawn(async move { take(&hub, request, &is_gone).await });
    let reply = task.await.unwrap_or(Reply::HangUp);
    drop(presence);
    let Reply::Answer(answer) = reply else { return Err(HangUp) };
    Ok(response(answer))
}

fn response(answer: RawAnswer) -> hyper::Response<Full<Bytes>> {
    let is_refused_early =
        answer.status == StatusCode::PAYLOAD_TOO_LARGE || answer.status == StatusCode::REQUEST_TIMEOUT;
    let mut response = hyper::Response::new(Full::new(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    if is_refused_early {
        response.headers_mut().insert(CONNECTION, http::HeaderValue::from_static("close"));
    }
    response
}

/// Reads a request, and sends it on.
async fn take(hub: &Arc<Hub>, request: hyper::Request<Incoming>, is_gone: &AtomicBool) -> Reply {
    let (head, mut body) = request.into_parts();
    let announced = body.size_hint().exact();
    let path = head.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    let mut read = BytesMut::new();
    let reading = tokio::time::timeout(PATIENCE, read_body(&mut body, &mut read)).await;
    let body = read.freeze();
    let (method, headers, extensions) = (head.method, head.headers, head.extensions);
    let request = Request { method, path, headers, extensions, body };
    let size = request.body.len();
    match reading {
        Ok(Ok(true)) => {
            let kept = keep(hub, request, Origin::Received, None, Vec::new()).await;
            pass(hub, kept, is_gone).await
        }
        Ok(Ok(false)) => {
            let request = Request { body: Bytes::new(), ..request };
            let answer = refusal(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", "the body is larger than 1 MiB");
            refuse(hub, request, "the body is larger than 1 MiB and was not kept".to_owned(), Some(answer)).await
        }
        Ok(Err(error)) => {
            let of = announced.map_or_else(String::new, |announced| format!(" of {announced}"));
            refuse(hub, request, format!("the body broke off after {size}{of} bytes: {error}"), None).await
        }
        Err(_) => {
            let answer = refusal(StatusCode::REQUEST_TIMEOUT, "request_timeout", "the body did not arrive in time");
            let failure = format!("the body did not arrive within {PATIENCE:?}: {size} bytes came");
            refuse(hub, request, failure, Some(answer)).await
        }
    }
}

/// Reads a body. False if it is too large.
async fn read_body(body: &mut Incoming, read: &mut BytesMut) -> Result<bool, hyper::Error> {
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        if read.len() + data.len() > LARGEST {
            return Ok(false);
        }
        read.extend_from_slice(&data);
    }
    Ok(true)
}
