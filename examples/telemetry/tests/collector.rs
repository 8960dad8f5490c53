//! Spans and metrics of deliveries arrive at a collector, the last ones at the end of the process.
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
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::time::{sleep, timeout};

const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// The messages that a collector received, with the last part of their paths.
#[derive(Clone, Default)]
struct Received(Arc<Mutex<Vec<(String, Bytes)>>>);

impl Received {
    /// True if a message to this path has this text. Texts are written as they are in protobuf.
    fn has(&self, path: &str, text: &[u8]) -> bool {
        let received = self.0.lock().unwrap();
        received.iter().any(|(to, body)| to == path && body.windows(text.len()).any(|window| window == text))
    }

    fn spans(&self) -> Vec<Span> {
        let received = self.0.lock().unwrap();
        let requests = received.iter().filter(|(to, _)| to == "traces");
        requests
            .flat_map(|(_, body)| ExportTraceServiceRequest::decode(body.clone()).unwrap().resource_spans)
            .flat_map(|resource| resource.scope_spans)
            .flat_map(|scope| scope.spans)
            .collect()
    }

    /// The only span of this name.
    fn span(&self, name: &str) -> Span {
        let mut named: Vec<_> = self.spans().into_iter().filter(|span| span.name == name).collect();
        assert_eq!(named.len(), 1, "{name}: {:?}", self.spans());
        named.remove(0)
    }
}

fn event(event_type: &str, data: &str) -> String {
    format!(r#"{{"event_id":"whevt_1","event_type":"{event_type}","idempotency_key":"k","event_data":{data}}}"#)
}

/// Runs the example with a delivery of an `item.add` and one of an `order.paid`, until its end.
async fn run(follow: bool) -> Received {
    let received = Received::default();
    let collect = post(async |State(received): State<Received>, Path(path): Path<String>, body: Bytes| {
        received.0.lock().unwrap().push((path, body));
    });
    let collector = Server::start(Router::new().route("/v1/{signal}", collect).with_state(received.clone())).await;
    let collector = collector.unwrap();
    let directory = TempDir::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_aghanim-hooks-telemetry"));
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{}", collector.address()));
    command.env("AGHANIM_WEBHOOK_SECRET", SECRET).env("PORT", "0").env_remove("RUST_LOG");
    command.env("DATABASE", directory.path().join("telemetry.db"));
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
    let item = event("item.add", r#"{"player_id":"p","items":[]}"#);
    let order = r#"{"id":"o","amount":1,"currency":"USD","created_at":1,"player_id":"p","items":[]}"#;
    for body in [item, event("order.paid", order)] {
        let request = signed(&Secret::new(SECRET).unwrap(), body);
        let request = request.header("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"));
        assert_eq!(request.send(address).await.unwrap().status, 200);
    }
    // Spans are sent every five seconds. The job is worked at once, or at the next look after a second.
    let worked = async {
        while !received.has("traces", b"later order.paid") {
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(Duration::from_secs(30), worked).await.expect("the work is done");
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
        assert!(received.has("traces", text.as_bytes()), "no span has `{text}`");
    }
    for text in
        ["aghanim_hooks_deliveries_total", "aghanim_hooks_duration_seconds", "item.add", "aghanim_hooks_attempts_total"]
    {
        assert!(received.has("metrics", text.as_bytes()), "no metric has `{text}`");
    }
    assert!(!received.has("traces", &trace_id()), "a header that is not signed was followed");
    the_attempt_is_linked(&received);
}

#[tokio::test]
async fn a_traceparent_is_followed_when_asked() {
    let received = run(true).await;
    assert_eq!(received.span("webhook order.paid").trace_id, trace_id());
    the_attempt_is_linked(&received);
}

/// The span of the attempt is in another trace, and names the span of the delivery.
fn the_attempt_is_linked(received: &Received) {
    let (delivery, attempt) = (received.span("webhook order.paid"), received.span("later order.paid"));
    let links: Vec<_> = attempt.links.iter().map(|link| (&link.trace_id, &link.span_id)).collect();
    assert_eq!(links, [(&delivery.trace_id, &delivery.span_id)]);
    assert_ne!(attempt.trace_id, delivery.trace_id);
}
