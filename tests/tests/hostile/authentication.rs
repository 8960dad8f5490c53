//! Nothing happens before the signature holds.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::idempotency::{BoxFuture, Claim, Claimed, IdempotencyStore, Key, Record, StoreError, StoredAnswer};
use aghanim_hooks::{Secret, Webhooks, webhook, webhooks};
use aghanim_hooks_tests::{Request, Server, signed};
use allocation_counter::measure;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::handler::Handler as _;
use axum::http::{self, StatusCode, request::Parts};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Extension, Router};

use crate::receiver::{Log, SECRET, item_add, secret};

/// Counts everything that an unauthenticated request must not reach.
#[derive(Debug, Clone, Default)]
struct Reached {
    store: Arc<AtomicUsize>,
    extractor: Arc<AtomicUsize>,
    handler: Arc<AtomicUsize>,
}

impl Reached {
    fn counts(&self) -> [usize; 3] {
        [&self.store, &self.extractor, &self.handler].map(|count| count.load(Ordering::Relaxed))
    }
}

/// A store that records each call, and answers that the database is down.
#[derive(Debug)]
struct Recording(Arc<AtomicUsize>);

impl Recording {
    fn fail<T: Send + 'static>(&self) -> BoxFuture<'_, Result<T, StoreError>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Err(StoreError::new("the database is down")) })
    }
}

impl IdempotencyStore for Recording {
    fn retention(&self) -> Duration {
        Duration::MAX
    }

    fn lookup<'a>(&'a self, _: &'a Key) -> BoxFuture<'a, Result<Option<Record>, StoreError>> {
        self.fail()
    }

    fn claim<'a>(&'a self, _: &'a Claim) -> BoxFuture<'a, Result<Claimed, StoreError>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Ok(Claimed::Mine(())) })
    }

    fn complete<'a>(&'a self, _: &'a Claim, _: &'a StoredAnswer) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Ok(true) })
    }

    fn release<'a>(&'a self, _: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        self.fail()
    }
}

/// An extractor that counts its calls.
struct Extracted;

impl<S: Send + Sync> FromRequestParts<S> for Extracted {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let reached = parts.extensions.get::<Reached>().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
        reached.extractor.fetch_add(1, Ordering::Relaxed);
        Ok(Self)
    }
}

#[webhook("item.add")]
async fn grant(_: Extracted, Extension(reached): Extension<Reached>, _event: ItemAdd) {
    reached.handler.fetch_add(1, Ordering::Relaxed);
}

fn router(reached: &Reached) -> Router {
    let hooks = Webhooks::new(secret(), webhooks![grant]).idempotency(Recording(Arc::clone(&reached.store)));
    Router::new().route("/webhook", post(hooks)).layer(Extension(reached.clone()))
}

/// Requests that are not authenticated, for many reasons.
fn unauthenticated() -> Vec<Request> {
    let keyed = item_add(r#","idempotency_key":"k""#);
    let stranger = Secret::new("another secret...").unwrap();
    vec![
        Request::post(&keyed).header("Content-Type", "application/json"),
        signed(&stranger, &keyed),
        signed(&stranger, "{"),
        signed(&stranger, keyed.replace("item.add", "unknown.event")),
        signed(&stranger, &keyed).replace("Content-Type", "text/plain"),
        signed(&secret(), &keyed).wire_body(keyed.replace("\"quantity\":1", "\"quantity\":9")),
        signed(&secret(), &keyed).replace("X-Aghanim-Signature-Timestamp", "1714147200"),
        signed(&secret(), &keyed).header("X-Aghanim-Signature", "0".repeat(64)),
    ]
}

#[tokio::test]
async fn nothing_is_reached_before_the_signature_holds() {
    let reached = Reached::default();
    let server = Server::start(router(&reached)).await.unwrap();
    for request in unauthenticated() {
        assert_eq!(request.send(server.address()).await.unwrap().status, 403, "{request:?}");
    }
    assert_eq!(reached.counts(), [0, 0, 0], "store, extractor, handler");
    // The same set-up does reach all three for a signed request.
    let good = signed(&secret(), item_add(r#","idempotency_key":"k""#));
    assert_eq!(good.send(server.address()).await.unwrap().status, 200);
    assert_eq!(reached.counts(), [2, 1, 1]);
}

#[tokio::test]
async fn strangers_write_nothing_into_the_log_above_debug() {
    let (log, _guard) = Log::record("info");
    let server = Server::start(router(&Reached::default())).await.unwrap();
    for request in unauthenticated() {
        assert_eq!(request.send(server.address()).await.unwrap().status, 403);
    }
    let too_long = Request::post(vec![b' '; 2 << 20])
        .header("X-Aghanim-Signature", "0".repeat(64))
        .header("X-Aghanim-Signature-Timestamp", crate::attacks::now().to_string());
    assert_eq!(too_long.send(server.address()).await.unwrap().status, 413);
    assert_eq!(log.text(), "");
}

#[tokio::test]
async fn at_debug_the_log_says_why_each_was_refused() {
    let (log, _guard) = Log::record("aghanim_hooks=debug");
    let server = Server::start(router(&Reached::default())).await.unwrap();
    for request in unauthenticated() {
        assert_eq!(request.send(server.address()).await.unwrap().status, 403);
    }
    let text = log.text();
    assert_eq!(text.lines().count(), unauthenticated().len(), "{text}");
    for reason in ["is missing", "no active secret signed this body", "`Tolerance::past`", "more than once"] {
        assert!(text.contains(reason), "{reason}: {text}");
    }
    assert!(!text.contains(SECRET), "{text}");
}

/// A refused request of 500 kB allocates as much as one of 500 bytes.
#[tokio::test]
async fn a_stranger_pays_for_memory_not_the_receiver() {
    let hooks = Webhooks::<()>::new(secret(), webhooks![plain]);
    let allocated = |length: usize, signature: Option<&str>| {
        let mut request = http::Request::post("/webhook").header("content-type", "application/json");
        if let Some(signature) = signature {
            request = request
                .header("x-aghanim-signature", signature)
                .header("x-aghanim-signature-timestamp", crate::attacks::now().to_string());
        }
        let request = request.body(Body::from(vec![b'{'; length])).unwrap();
        let (hooks, mut response) = (hooks.clone(), None);
        let info = measure(|| {
            let mut future = pin!(hooks.call(request, ()));
            let Poll::Ready(ready) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
                panic!("nothing to wait for");
            };
            response = Some(ready);
        });
        let response: Response = response.unwrap().into_response();
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        (info.count_total, info.bytes_total)
    };
    for signature in [None, Some("0"), Some("0".repeat(64).as_str())] {
        let (small, large) = (allocated(500, signature), allocated(500_000, signature));
        println!("{signature:?}: {small:?} and {large:?} allocations and bytes");
        assert_eq!(small, large, "{signature:?}");
        assert!(large.1 < 16_000, "{signature:?}: {} bytes", large.1);
    }
}

#[webhook("item.add")]
async fn plain(_event: ItemAdd) {}
