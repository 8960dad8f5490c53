use axum::Router;
use tower_http::trace::{DefaultMakeSpan, DefaultOnResponse, TraceLayer};
use tracing::Level;

/// The records of each request, at the level `INFO`, as in a game.
///
/// Lines go to the standard output, which `http` discards.
pub(crate) enum Observed {
    /// Nothing: there is no subscriber.
    Not,
    /// The endpoint's own log, which has nothing about a successful delivery.
    Subscriber,
    /// A span with method, URI and version around each request.
    Spans,
    /// The span, and a line with status and latency for each response.
    Lines,
}

impl Observed {
    pub(crate) fn from_name(name: &str) -> Self {
        match name {
            "subscriber" => Self::Subscriber,
            "spans" => Self::Spans,
            "lines" => Self::Lines,
            other => panic!("nothing is observed as {other}: subscriber, spans, lines"),
        }
    }

    /// Starts to observe.
    pub(crate) fn layer(&self, router: Router) -> Router {
        if !matches!(self, Self::Not) {
            tracing_subscriber::fmt().with_max_level(Level::INFO).with_ansi(false).init();
        }
        let spans = TraceLayer::new_for_http().make_span_with(DefaultMakeSpan::new().level(Level::INFO));
        match self {
            Self::Not | Self::Subscriber => router,
            Self::Spans => router.layer(spans.on_request(()).on_response(()).on_failure(())),
            Self::Lines => router.layer(spans.on_response(DefaultOnResponse::new().level(Level::INFO))),
        }
    }
}
