//! The way to a collector: OTLP over HTTP, with hyper's client.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{MetricExporter, SpanExporter, WithExportConfig, WithHttpConfig};
use tokio::runtime::Handle;

/// The time that the collector may take.
const TIME: Duration = Duration::from_secs(5);

/// Sends spans to `/v1/traces`.
pub(crate) fn spans(endpoint: &str) -> anyhow::Result<SpanExporter> {
    let exporter = SpanExporter::builder().with_http().with_http_client(Client::new());
    Ok(exporter.with_endpoint(format!("{endpoint}/v1/traces")).build()?)
}

/// Sends metrics to `/v1/metrics`.
pub(crate) fn metrics(endpoint: &str) -> anyhow::Result<MetricExporter> {
    let exporter = MetricExporter::builder().with_http().with_http_client(Client::new());
    Ok(exporter.with_endpoint(format!("{endpoint}/v1/metrics")).build()?)
}

/// hyper's client, on the runtime of the process: the exporters run on threads of their own, which have none.
struct Client {
    runtime: Handle,
    client: std::sync::Arc<HyperClient>,
}

impl Client {
    fn new() -> Self {
        Self { runtime: Handle::current(), client: HyperClient::with_default_connector(TIME, None).into() }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = std::sync::Arc::clone(&self.client);
        self.runtime.spawn(async move { client.send_bytes(request).await }).await?
    }
}
