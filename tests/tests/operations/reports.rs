use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aghanim_hooks::idempotency::{KeyReuse, MemoryStore};
use aghanim_hooks::observer::{DriftKind, Observer, Report, Times};
use aghanim_hooks::{Environment, Otherwise, UnknownEvents};
use aghanim_hooks_tests::{Request, signed};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::endpoint::{Endpoint, TIMEOUT, body, keyed, request, secret};

/// A report without its borrowed texts.
#[derive(Debug, Clone)]
struct Seen {
    event: &'static str,
    event_type: String,
    event_id: String,
    sandbox: bool,
    outcome: String,
    path: String,
    status: Option<u16>,
    secret: Option<usize>,
    age: Option<i64>,
    bytes: usize,
    times: Times,
    drift: Vec<(DriftKind, String)>,
}

#[derive(Clone, Default)]
struct Reports(Arc<Mutex<Vec<Seen>>>);

impl Observer for Reports {
    fn delivery(&self, report: &Report<'_>) {
        let path = match report.outcome {
            aghanim_hooks::observer::Outcome::Malformed { path } => path.to_owned(),
            aghanim_hooks::observer::Outcome::Unauthenticated(reason) => reason.label().to_owned(),
            _ => String::new(),
        };
        self.0.lock().unwrap().push(Seen {
            event: report.event,
            event_type: report.event_type.to_owned(),
            event_id: report.event_id.to_owned(),
            sandbox: report.sandbox,
            outcome: report.outcome.to_string(),
            path,
            status: report.status.map(|status| status.as_u16()),
            secret: report.secret,
            age: report.signature_age,
            bytes: report.body_bytes,
            times: report.times,
            drift: report.drift.iter().map(|drift| (drift.kind, drift.name.clone())).collect(),
        });
    }

    fn wants_drift(&self) -> bool {
        true
    }
}

impl Reports {
    /// The reports since the last call.
    fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    fn one(&self) -> Seen {
        let [report] = self.take().try_into().expect("one report");
        report
    }
}

/// Sends a request, and returns its only report.
async fn report(endpoint: &Endpoint, reports: &Reports, request: &Request) -> Seen {
    let response = endpoint.send(request).await;
    let report = reports.one();
    assert_eq!(report.status, Some(response.status), "{report:?}");
    report
}

async fn endpoint(configure: impl FnOnce(aghanim_hooks::Webhooks) -> aghanim_hooks::Webhooks) -> (Endpoint, Reports) {
    let reports = Reports::default();
    let observer = reports.clone();
    (Endpoint::start(|hooks| configure(hooks).observer(observer)).await, reports)
}

#[tokio::test]
async fn each_end_of_a_delivery_has_its_outcome() {
    let (endpoint, reports) = endpoint(|hooks| hooks).await;
    for (event_type, player, event, outcome, status) in [
        ("player.verify", "p", "player.verify", "answered", 200),
        ("item.add", "p", "item.add", "answered", 200),
        ("item.add", "declines", "item.add", "refused", 400),
        ("item.add", "fails", "item.add", "failed", 500),
        ("item.add", "panics", "item.add", "failed", 500),
        ("item.add", "hangs", "item.add", "timed_out", 503),
        ("analytics.brand.new", "p", "analytics.*", "answered", 200),
        ("a stranger's choice", "p", "other", "unknown", 400),
    ] {
        let seen = report(&endpoint, &reports, &request(event_type, player)).await;
        assert_eq!((seen.event, &*seen.outcome, seen.status), (event, outcome, Some(status)), "{seen:?}");
        assert_eq!((seen.event_type.as_str(), seen.secret), (event_type, Some(0)), "{seen:?}");
        assert!(seen.age.is_some_and(|age| (0..5).contains(&age)), "{seen:?}");
        if outcome != "unknown" {
            assert_eq!(seen.event_id, format!("whevt_{player}"));
        }
    }
}

#[tokio::test]
async fn what_is_not_authenticated_is_reported_without_any_text_of_its_own() {
    let (endpoint, reports) = endpoint(|hooks| hooks.body_limit(1000)).await;
    let good = request("item.add", "p");
    let old = {
        let body = body("item.add", "p", None);
        let signature = secret("one").sign(b"1000000000", body.as_bytes()).to_string();
        good.clone().replace("X-Aghanim-Signature", signature).replace("X-Aghanim-Signature-Timestamp", "1000000000")
    };
    for (request, outcome, reason) in [
        (good.clone().without("X-Aghanim-Signature"), "unauthenticated", "signature_missing"),
        (good.clone().header("X-Aghanim-Signature", "0"), "unauthenticated", "signature_doubled"),
        (good.clone().replace("X-Aghanim-Signature", "0"), "unauthenticated", "signature_malformed"),
        (signed(&secret("two"), body("item.add", "p", None)), "unauthenticated", "signature_wrong"),
        (old, "unauthenticated", "signature_stale"),
        (signed(&secret("one"), "x".repeat(2000)), "too_large", ""),
    ] {
        let seen = report(&endpoint, &reports, &request).await;
        assert_eq!((&*seen.outcome, &*seen.path), (outcome, reason));
        assert_eq!((seen.event, &*seen.event_type, &*seen.event_id, seen.secret), ("other", "", "", None));
        assert!(seen.drift.is_empty());
    }
}

#[tokio::test]
async fn a_duplicate_is_told_from_a_first_delivery() {
    let (endpoint, reports) = endpoint(|hooks| hooks.idempotency(MemoryStore::new()).key_reuse(KeyReuse::Refuse)).await;
    assert_eq!(report(&endpoint, &reports, &keyed("p", "first")).await.outcome, "answered");
    assert_eq!(report(&endpoint, &reports, &keyed("p", "first")).await.outcome, "replayed");
    assert_eq!(report(&endpoint, &reports, &keyed("q", "first")).await.outcome, "key_reused");
    let (one, other) = (keyed("slow", "second"), keyed("slow", "second"));
    tokio::join!(endpoint.send(&one), endpoint.send(&other));
    let mut outcomes: Vec<_> = reports.take().into_iter().map(|seen| seen.outcome).collect();
    outcomes.sort();
    assert_eq!(outcomes, ["answered", "duplicate"]);
    // A refusal is kept, and a failure is not.
    assert_eq!(report(&endpoint, &reports, &keyed("declines", "third")).await.outcome, "refused");
    assert_eq!(report(&endpoint, &reports, &keyed("declines", "third")).await.outcome, "replayed");
    assert_eq!(report(&endpoint, &reports, &keyed("fails", "fourth")).await.outcome, "failed");
    assert_eq!(report(&endpoint, &reports, &keyed("fails", "fourth")).await.outcome, "failed");
    assert_eq!(report(&endpoint, &reports, &keyed("hangs", "fifth")).await.outcome, "timed_out");
}

#[tokio::test]
async fn policies_have_their_outcomes() {
    let (endpoint, reports) = endpoint(|hooks| {
        hooks
            .idempotency(MemoryStore::new())
            .require_key("item.add")
            .only(Environment::Live, Otherwise::Refuse)
            .unknown_events(UnknownEvents::Accept)
    })
    .await;
    assert_eq!(report(&endpoint, &reports, &request("item.add", "p")).await.outcome, "no_key");
    assert_eq!(report(&endpoint, &reports, &request("guild.joined", "p")).await.outcome, "ignored");
    let sandbox = body("item.add", "p", Some("k")).replacen('{', r#"{"sandbox":true,"#, 1);
    let seen = report(&endpoint, &reports, &signed(&secret("one"), sandbox)).await;
    assert_eq!((&*seen.outcome, seen.sandbox), ("wrong_environment", true));
    let text = request("player.verify", "p").replace("Content-Type", "text/plain");
    assert_eq!(report(&endpoint, &reports, &text).await.outcome, "not_json");
    let malformed = r#"{"event_type":"item.add","event_data":{"player_id":"p","items":[{"sku":7}]}}"#;
    let seen = report(&endpoint, &reports, &signed(&secret("one"), malformed)).await;
    assert_eq!((&*seen.outcome, &*seen.path), ("malformed", "event_data.items[0].sku"));
}

#[tokio::test]
async fn a_client_that_hangs_up_is_reported_too() {
    let (endpoint, reports) = endpoint(|hooks| hooks.timeout(Duration::from_secs(30))).await;
    let request = request("item.add", "hangs");
    let sent = timeout(Duration::from_millis(200), request.send(endpoint.server.address())).await;
    assert!(sent.is_err(), "it was answered");
    let mut reported = Vec::new();
    for _ in 0..100 {
        reported = reports.take();
        if !reported.is_empty() {
            break;
        }
        sleep(Duration::from_millis(20)).await;
    }
    let [seen] = reported.try_into().expect("one report");
    assert_eq!((&*seen.outcome, seen.status, seen.secret), ("hung_up", None, Some(0)));
}

#[tokio::test]
async fn a_body_that_is_slow_or_breaks_off_is_reported() {
    let (endpoint, reports) = endpoint(|hooks| hooks).await;
    let half = request("item.add", "p").wire_body("{\"event_");
    let slow = half.clone();
    let response = slow.send(endpoint.server.address()).await.unwrap();
    let seen = reports.one();
    assert_eq!((&*seen.outcome, seen.status, response.status), ("too_slow", Some(408), 408));
    // hyper does not answer a connection that its client has closed.
    let mut stream = TcpStream::connect(endpoint.server.address()).await.unwrap();
    let head = format!(
        "POST /webhook HTTP/1.1\r\nHost: x\r\nX-Aghanim-Signature: {}\r\nX-Aghanim-Signature-Timestamp: {}\r\nContent-Length: 9\r\n\r\n{{",
        "0".repeat(64),
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    sleep(Duration::from_millis(100)).await;
    drop(stream);
    sleep(Duration::from_millis(100)).await;
    let seen = reports.one();
    assert!(["broken_off", "hung_up"].contains(&&*seen.outcome), "{seen:?}");
    assert_eq!(seen.secret, None);
}

#[tokio::test]
async fn the_steps_add_up_to_the_whole() {
    let (endpoint, reports) = endpoint(|hooks| hooks.idempotency(MemoryStore::new())).await;
    let seen = report(&endpoint, &reports, &keyed("slow", "k")).await;
    let steps: Vec<_> = seen.times.steps().map(|(name, _)| name).collect();
    assert_eq!(steps, ["body", "verify", "decode", "wait", "handler", "commit"]);
    let sum: Duration = seen.times.steps().map(|(_, time)| time).sum();
    assert_eq!(sum, seen.times.total);
    assert!(seen.times.handler.unwrap() >= Duration::from_millis(200), "{seen:?}");
    let seen = report(&endpoint, &reports, &keyed("hangs", "l")).await;
    assert!(seen.times.handler.unwrap() >= TIMEOUT.mul_f32(0.9), "{seen:?}");
    assert_eq!(seen.bytes, body("item.add", "hangs", Some("l")).len());
}

#[tokio::test]
async fn new_fields_and_values_are_noted() {
    let (endpoint, reports) = endpoint(|hooks| hooks).await;
    let body =
        r#"{"event_type":"item.add","trigger":"hub.new","event_data":{"player_id":"p","items":[],"color":"red"}}"#;
    let seen = report(&endpoint, &reports, &signed(&secret("one"), body)).await;
    assert_eq!(
        seen.drift,
        [(DriftKind::Field, "event_data.color".to_owned()), (DriftKind::Value, "Trigger: hub.new".to_owned())]
    );
}

#[tokio::test]
async fn a_panicking_observer_changes_nothing() {
    struct Panics;
    impl Observer for Panics {
        fn delivery(&self, _: &Report<'_>) {
            panic!("a bug of the observer");
        }

        fn wants_drift(&self) -> bool {
            panic!("another")
        }
    }
    let reports = Reports::default();
    let observer = reports.clone();
    let endpoint = Endpoint::start(|hooks| hooks.observer((observer, Panics))).await;
    assert_eq!(endpoint.send(&request("item.add", "p")).await.status, 200);
    assert_eq!(reports.one().outcome, "answered");
}
