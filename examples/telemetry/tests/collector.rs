//! Spans and metrics of a delivery arrive at a collector, the last ones at the end of the process.
#![cfg(unix)]

use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aghanim_hooks::Secret;
use aghanim_hooks_tests::{Server, signed};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::routing::post;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

type Received = Arc<Mutex<Vec<(String, Bytes)>>>;

/// True if a message to this path has this text. Texts are written as they are in protobuf.
fn has(received: &Received, path: &str, text: &[u8]) -> bool {
    let received = received.lock().unwrap();
    received.iter().any(|(to, body)| to == path && body.windows(text.len()).any(|window| window == text))
}

/// Runs the example with one delivery, until its end.
async fn run(follow: bool) -> Received {
    let received = Received::default();
    let collect = post(async |State(received): State<Received>, Path(path): Path<String>, body: Bytes| {
        received.lock().unwrap().push((path, body));
    });
    let collector = Server::start(Router::new().route("/v1/{signal}", collect).with_state(received.clone())).await;
    let collector = collector.unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_aghanim-hooks-telemetry"));
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{}", collector.address()));
    command.env("AGHANIM_WEBHOOK_SECRET", SECRET).env("PORT", "0").env_remove("RUST_LOG");
    if follow {
        command.env("FOLLOW_TRACEPARENT", "1");
    }
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address: SocketAddr = loop {
        let line = lines.next_line().await.unwrap().expect("it says where it listens");
        if let Some((_, address)) = line.split_once("http://") {
            break address.split('/').next().unwrap().parse().unwrap();
        }
    };
    let body = r#"{"event_id":"whevt_1","event_type":"item.add","idempotency_key":"k","event_data":{"player_id":"p","items":[]},"context":null}"#;
    let request =
        signed(&Secret::new(SECRET).unwrap(), body).header("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"));
    assert_eq!(request.send(address).await.unwrap().status, 200);
    let pid = child.id().unwrap().to_string();
    assert!(Command::new("kill").arg(pid).status().await.unwrap().success());
    let status = timeout(Duration::from_secs(20), child.wait()).await.expect("it ends").unwrap();
    assert!(status.success(), "{status}");
    received
}

fn trace_id() -> Vec<u8> {
    (0..TRACE.len()).step_by(2).map(|at| u8::from_str_radix(&TRACE[at..at + 2], 16).unwrap()).collect()
}

#[tokio::test]
async fn spans_and_metrics_arrive_and_a_traceparent_is_not_followed() {
    let received = run(false).await;
    for text in ["webhook item.add", "grant", "event_id", "whevt_1", "answered"] {
        assert!(has(&received, "traces", text.as_bytes()), "no span has `{text}`");
    }
    for text in ["aghanim_hooks_deliveries_total", "aghanim_hooks_duration_seconds", "item.add"] {
        assert!(has(&received, "metrics", text.as_bytes()), "no metric has `{text}`");
    }
    assert!(!has(&received, "traces", &trace_id()), "a header that is not signed was followed");
}

#[tokio::test]
async fn a_traceparent_is_followed_when_asked() {
    let received = run(true).await;
    assert!(has(&received, "traces", &trace_id()));
}
