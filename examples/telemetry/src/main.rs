//! An endpoint that sends its spans and metrics by OTLP to a collector, such as Grafana Alloy or the OpenTelemetry
//! Collector.
//!
//! Run `OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 cargo run -p aghanim-hooks-telemetry`, then paste the commands that it prints.
//! `AGHANIM_WEBHOOK_SECRET` is the webhook's secret, `PORT` the port (8000), `DATABASE` the SQLite file (`telemetry.db`).
//!
//! The library has no exporter: it speaks to the facades `tracing` and `metrics`, and this binary connects them. Every crate
//! here that names `opentelemetry` must use the same version of it. Two versions have two global providers, and what is
//! recorded with the wrong one is lost without a word. `cargo tree -d` shows them.
//!
//! `item.add` is handled at once. `order.paid` is handled later: the span of its work, in a trace of its own, is linked to the
//! span of its delivery.
//!
//! An incoming `traceparent` is followed only with `FOLLOW_TRACEPARENT=1`: the signature does not cover it, so set this
//! only if a proxy of yours removes it from what comes from outside.

mod collector;

use std::collections::HashMap;
use std::env;
use std::time::Duration;

use aghanim_hooks::events::{ItemAdd, Order};
use aghanim_hooks::idempotency::SqliteStore;
use aghanim_hooks::observer::{Metrics, Observer, Report};
use aghanim_hooks::{Event, Rejection, Webhooks, webhook, webhooks};
use aghanim_hooks_examples::{curl, listen, secret};
use aghanim_hooks_river::River;
use aghanim_hooks_serve::{Server, told_to_stop};
use axum::{Router, routing::post};
use metrics_exporter_opentelemetry::Recorder;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

#[webhook("item.add")]
async fn add_items(event: Event<ItemAdd>) -> Result<(), Rejection> {
    // A child of the span `delivery`, as every span is that is made in a handler.
    let span = tracing::info_span!("grant", items = event.data.items.len());
    tracing::Instrument::instrument(async { tokio::time::sleep(Duration::from_millis(5)).await }, span).await;
    Ok(())
}

/// Called by the worker, after the event was acknowledged.
#[webhook("order.paid", later)]
async fn book(order: Order) {
    tracing::info!(order = order.id, "booked");
}

/// Links the span of an attempt to the span of its delivery, which may have been made in another process.
struct LinksAttempts;

impl Observer for LinksAttempts {
    fn delivery(&self, _: &Report<'_>) {}

    fn trace(&self, span: &tracing::Span) -> Option<String> {
        let mut headers = HashMap::new();
        TraceContextPropagator::new().inject_context(&span.context(), &mut headers);
        headers.remove("traceparent")
    }

    fn attempt_begins(&self, trace: Option<&str>, span: &tracing::Span) {
        let Some(trace) = trace else { return };
        let headers = HashMap::from([("traceparent".to_owned(), trace.to_owned())]);
        let delivery = TraceContextPropagator::new().extract(&headers);
        span.add_link(delivery.span().span_context().clone());
    }
}

/// Makes the span of a delivery a child of the sender's.
struct FollowsTraceparent;

impl Observer for FollowsTraceparent {
    fn delivery(&self, _: &Report<'_>) {}

    fn authenticated(&self, headers: &http::HeaderMap, span: &tracing::Span) {
        let parent = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
        if let Err(error) = span.set_parent(parent) {
            tracing::debug!(%error, "a traceparent was not followed");
        }
    }
}

/// Sends spans and metrics to the collector. Both must be shut down at the end, or the last ones are lost.
fn export(endpoint: &str) -> anyhow::Result<(SdkTracerProvider, SdkMeterProvider)> {
    let spans = SdkTracerProvider::builder().with_batch_exporter(collector::spans(endpoint)?).build();
    let filter = || EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    let tracer = spans.tracer("aghanim-hooks");
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_filter(filter()))
        .with(tracing_opentelemetry::layer().with_tracer(tracer).with_filter(filter()))
        .init();

    let reader = PeriodicReader::builder(collector::metrics(endpoint)?).with_interval(Duration::from_secs(10)).build();
    let recorder = Recorder::builder("aghanim-hooks").with_meter_provider(|provider| provider.with_reader(reader));
    let (metrics, recorder) = recorder.build();
    metrics::set_global_recorder(recorder)?;
    Ok((spans, metrics))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let endpoint = env::var("OTEL_EXPORTER_OTLP_ENDPOINT").unwrap_or_else(|_| "http://127.0.0.1:4318".to_owned());
    let (spans, metrics) = export(&endpoint)?;
    let (secret, listener) = (secret()?, listen().await?);
    let items = r#"{"player_id":"2D2R-OP3C","items":[{"id":"itm_1","sku":"gems_100","name":"100 gems","quantity":1}]}"#;
    println!("\n{}", curl(&secret, &listener, "item.add", items));
    let order =
        r#"{"id":"ord_1","amount":499,"currency":"USD","created_at":1714147080,"player_id":"2D2R-OP3C","items":[]}"#;
    println!("\n{}", curl(&secret, &listener, "order.paid", order));

    let file = env::var_os("DATABASE").unwrap_or_else(|| "telemetry.db".into());
    let store = SqliteStore::open(&file).await?;
    let hooks = Webhooks::new(secret, webhooks![add_items, book]).idempotency(store).later(River::open(&file).await?);
    let hooks = match env::var_os("FOLLOW_TRACEPARENT") {
        Some(_) => hooks.observer(((Metrics::new(), LinksAttempts), FollowsTraceparent)),
        None => hooks.observer((Metrics::new(), LinksAttempts)),
    };
    let worker = hooks.worker().start().await?;
    let stopped = Server::new().serve(listener, Router::new().route("/webhook", post(hooks)), told_to_stop()).await?;
    worker.stop().await?;
    // Blocks until the collector has the rest, so not on a thread of the runtime.
    tokio::task::spawn_blocking(move || spans.shutdown().and_then(|()| metrics.shutdown())).await??;
    anyhow::ensure!(stopped.cut == 0, "{} requests were cut at the stop", stopped.cut);
    Ok(())
}
