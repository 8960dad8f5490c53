//! What the examples share: where the secret comes from, how to serve until told to stop, and a signed curl to paste.

use std::env;
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use aghanim_hooks::Secret;
use aghanim_hooks_serve::{Server, told_to_stop};
use axum::Router;
use tokio::net::TcpListener;

/// The secret in `AGHANIM_WEBHOOK_SECRET`, or, for a first try, a random one.
///
/// # Errors
/// When the variable is set to what is no secret, or the system has no randomness to give.
pub fn secret() -> anyhow::Result<Secret> {
    if env::var_os("AGHANIM_WEBHOOK_SECRET").is_some() {
        return Ok(Secret::from_env("AGHANIM_WEBHOOK_SECRET")?);
    }
    let mut random = [0; 32];
    getrandom::fill(&mut random)?;
    println!("AGHANIM_WEBHOOK_SECRET is not set: using a random secret, which only the commands below know.");
    Ok(Secret::new(const_hex::encode(random))?)
}

/// Where to listen: `127.0.0.1`, port 8000 unless `PORT` says otherwise.
///
/// # Errors
/// When `PORT` is no port, or the address is taken.
pub async fn listen() -> io::Result<TcpListener> {
    let port = match env::var("PORT") {
        Ok(port) => port.parse().map_err(|_| io::Error::other(format!("PORT is not a port number: {port}")))?,
        Err(_) => 8000,
    };
    TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| {
        io::Error::new(error.kind(), format!("can't listen on 127.0.0.1:{port}: {error}; PORT=… sets another port"))
    })
}

/// Serves until Ctrl-C or SIGTERM, then lets requests in flight finish.
///
/// The library's log goes to standard error; `RUST_LOG=aghanim_hooks=debug` shows more of it.
///
/// # Errors
/// When the listener fails, or a request was cut because it took longer than the grace of
/// [`Server`](aghanim_hooks_serve::Server).
pub async fn serve(listener: TcpListener, app: Router) -> io::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();

    match Server::new().serve(listener, app, told_to_stop()).await?.cut {
        0 => Ok(()),
        cut => Err(io::Error::new(io::ErrorKind::TimedOut, format!("{cut} requests were cut at the stop"))),
    }
}

/// A curl command that sends this event, properly signed at this moment.
///
/// # Panics
/// When the machine's clock stands before 1970.
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
