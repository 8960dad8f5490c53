//! Shared by the examples: the secret, the listener, a server that stops when told to, a signed curl command to paste,
//! and the checks that a signed event needs before its numbers and texts are used.

use std::env;
use std::fmt::Display;
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use aghanim_hooks::Secret;
use aghanim_hooks_serve::{Server, told_to_stop};
use axum::Router;
use tokio::net::TcpListener;

/// The secret in `AGHANIM_WEBHOOK_SECRET`, or, for a first try, a random one.
///
/// # Errors
/// Fails if the variable holds a text that [`Secret`] refuses, or if the system has no randomness.
pub fn secret() -> anyhow::Result<Secret> {
    if env::var_os("AGHANIM_WEBHOOK_SECRET").is_some() {
        return Ok(Secret::from_env("AGHANIM_WEBHOOK_SECRET")?);
    }
    let mut random = [0; 32];
    getrandom::fill(&mut random)?;
    println!("AGHANIM_WEBHOOK_SECRET is not set: using a random secret, which only the commands below know.");
    Ok(Secret::new(const_hex::encode(random))?)
}

/// Listens on `127.0.0.1`, port 8000 unless `PORT` says otherwise.
///
/// # Errors
/// Fails if `PORT` is not a port number, or if the address is taken.
pub async fn listen() -> io::Result<TcpListener> {
    let port = match env::var("PORT") {
        Ok(port) => port.parse().map_err(|_| io::Error::other(format!("PORT is not a port number: {port}")))?,
        Err(_) => 8000,
    };
    TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| {
        io::Error::new(error.kind(), format!("can't listen on 127.0.0.1:{port}: {error}; PORT=… sets another port"))
    })
}

/// Logs to standard error: `RUST_LOG` chooses what. A second call changes nothing.
pub fn log() {
    let filter =
        tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info,aghanim_hooks=debug".into());
    // An error says that it was called before.
    drop(tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).try_init());
}

/// Serves until Ctrl-C or SIGTERM, then lets requests in flight finish.
///
/// Logs go to standard error. Set `RUST_LOG` for another filter than `info,aghanim_hooks=debug`, which also shows why a
/// request was refused with 403.
///
/// # Errors
/// Fails if the listener fails, or if a request was cut because it took longer than the grace of [`Server`].
pub async fn serve(listener: TcpListener, app: Router) -> io::Result<()> {
    log();
    match Server::new().serve(listener, app, told_to_stop()).await?.cut {
        0 => Ok(()),
        cut => Err(io::Error::new(io::ErrorKind::TimedOut, format!("{cut} requests were cut at the stop"))),
    }
}

/// A curl command that sends this event, signed now.
///
/// # Panics
/// Panics if the machine's clock is before 1970.
#[must_use]
pub fn curl(secret: &Secret, listener: &TcpListener, event_type: &str, event_data: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs();
    let id = format!("{event_type}-{now}");
    let body = format!(
        r#"{{"event_id":"whevt_{id}","event_type":"{event_type}","idempotency_key":"{id}","event_data":{event_data},"context":null}}"#
    );
    let signature = secret.sign(now.to_string().as_bytes(), body.as_bytes());
    let port = listener.local_addr().map_or(8000, |address| address.port());
    format!(
        "curl -i http://127.0.0.1:{port}/webhook \\\n  -H 'Content-Type: application/json' \\\n  \
         -H 'X-Aghanim-Signature: {signature}' \\\n  -H 'X-Aghanim-Signature-Timestamp: {now}' \\\n  -d '{body}'"
    )
}

/// A text from an event, made fit for one line of a terminal or a log: escaped, and cut after 100 characters.
#[must_use]
pub fn shown(text: &str) -> impl Display {
    const LONGEST: usize = 100;
    let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(end, _)| end);
    let cut = if end < text.len() { "…" } else { "" };
    format!("{}{cut}", text[..end].escape_debug())
}
