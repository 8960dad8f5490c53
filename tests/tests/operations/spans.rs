use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::idempotency::MemoryStore;
use aghanim_hooks::observer::{Observer, Report};
use aghanim_hooks::{Rejection, Secret, Webhooks, webhook, webhooks};
use aghanim_hooks_tests::{Server, signed};
use axum::{Router, routing::post};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Instrument, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use super::endpoint::{body, secret};

type Fields = BTreeMap<&'static str, String>;

/// The name of a span, the name of its parent, and its fields.
type Span = (&'static str, Option<&'static str>, Fields);

/// Keeps the spans that have ended.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<Span>>>);

struct Reader<'a>(&'a mut Fields);

impl Visit for Reader<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::new();
        attributes.record(&mut Reader(&mut fields));
        context.span(id).unwrap().extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        values.record(&mut Reader(span.extensions_mut().get_mut().unwrap()));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).unwrap();
        let fields = span.extensions_mut().remove::<Fields>().unwrap_or_default();
        let parent = span.parent().map(|parent| parent.name());
        self.0.lock().unwrap().push((span.name(), parent, fields));
    }
}

impl Spans {
    /// The only span of this name since the last call, and its parent.
    fn take(&self, name: &str) -> (Option<&'static str>, Fields) {
        let mut spans = self.0.lock().unwrap();
        let mut found: Vec<_> = spans.iter().filter(|span| span.0 == name).cloned().collect();
        spans.clear();
        assert_eq!(found.len(), 1, "spans `{name}`");
        let (_, parent, fields) = found.remove(0);
        (parent, fields)
    }
}

#[webhook("item.add")]
async fn grant(event: ItemAdd) -> Result<(), Rejection> {
    let work = async {
        tokio::task::yield_now().await;
        match event.player_id.as_str() {
            "fails" => Err(Rejection::internal(std::io::Error::other("a bug"))),
            _ => Ok(()),
        }
    };
    work.instrument(tracing::info_span!("game")).await
}

#[derive(Clone, Default)]
struct FollowsTraces(Arc<Mutex<Vec<String>>>);

impl Observer for FollowsTraces {
    fn delivery(&self, _: &Report<'_>) {}

    fn authenticated(&self, headers: &axum::http::HeaderMap, span: &tracing::Span) {
        let parent = headers.get("traceparent").map(|value| value.to_str().unwrap().to_owned());
        self.0.lock().unwrap().push(format!("{parent:?}, enabled: {}", !span.is_disabled()));
    }
}

async fn serve(hooks: Webhooks) -> Server {
    Server::start(Router::new().route("/webhook", post(hooks))).await.unwrap()
}

#[tokio::test]
async fn a_delivery_is_a_span_around_the_handlers_own() {
    let spans = Spans::default();
    let _guard = tracing_subscriber::registry().with(spans.clone()).set_default();
    let server = serve(Webhooks::new(secret("one"), webhooks![grant]).idempotency(MemoryStore::new())).await;
    let send = async |player: &str, key| {
        let request = signed(&secret("one"), body("item.add", player, Some(key)));
        request.send(server.address()).await.unwrap()
    };

    assert_eq!(send("p", "k").await.status, 200);
    let fields = {
        let all = spans.0.lock().unwrap().clone();
        let (_, parent, _) = all.iter().find(|span| span.0 == "game").expect("the handler's span");
        assert_eq!(*parent, Some("delivery"));
        drop(all);
        spans.take("delivery").1
    };
    for (field, value) in [
        ("otel.name", "webhook item.add"),
        ("otel.kind", "server"),
        ("event_type", "item.add"),
        ("event_id", "whevt_p"),
        ("sandbox", "false"),
        ("secret", "0"),
        ("outcome", "answered"),
        ("duplicate", "false"),
        ("http.response.status_code", "200"),
        ("messaging.operation.type", "process"),
    ] {
        assert_eq!(fields.get(field).map(String::as_str), Some(value), "{field} of {fields:?}");
    }
    assert!(!fields.contains_key("otel.status_code"), "{fields:?}");
    let text = format!("{fields:?}");
    assert!(!text.contains("\"k\"") && !text.contains("player_id"), "the span has data of the player: {text}");

    assert_eq!(send("p", "k").await.status, 200);
    let (_, fields) = spans.take("delivery");
    assert_eq!((fields["outcome"].as_str(), fields["duplicate"].as_str()), ("replayed", "true"));

    assert_eq!(send("fails", "l").await.status, 500);
    let (_, fields) = spans.take("delivery");
    assert_eq!((fields["outcome"].as_str(), fields["otel.status_code"].as_str()), ("failed", "ERROR"));
}

#[tokio::test]
async fn a_stranger_makes_no_span() {
    let spans = Spans::default();
    let _guard = tracing_subscriber::registry().with(spans.clone()).set_default();
    let server = serve(Webhooks::new(secret("one"), webhooks![grant])).await;
    let stranger = signed(&secret("two"), body("item.add", "p", None));
    assert_eq!(stranger.send(server.address()).await.unwrap().status, 403);
    assert!(spans.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_traceparent_is_followed_only_by_an_observer_and_only_after_the_signature() {
    let _guard = tracing_subscriber::registry().with(Spans::default()).set_default();
    let follows = FollowsTraces::default();
    let server = serve(Webhooks::new(secret("one"), webhooks![grant]).observer(follows.clone())).await;
    let send = async |secret: &Secret| {
        let request = signed(secret, body("item.add", "p", None)).header("traceparent", "00-1-2-01");
        request.send(server.address()).await.unwrap().status
    };
    assert_eq!(send(&secret("two")).await, 403);
    assert_eq!(follows.0.lock().unwrap().len(), 0);
    assert_eq!(send(&secret("one")).await, 200);
    assert_eq!(*follows.0.lock().unwrap(), ["Some(\"00-1-2-01\"), enabled: true"]);
}
