//! The notes about a request, for its report and its span. Nothing is noted without an observer and a subscriber.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, StatusCode};
use tracing::{Span, field};

use crate::observer::{Drift, Observer, Outcome, Report, Times};
use crate::signature::SignedHeaders;

/// The notes about one request: shared by all its steps, empty without an observer.
#[derive(Clone)]
pub(super) struct Notes {
    noted: Option<Arc<Noted>>,
    pub(super) span: Span,
}

struct Noted {
    observer: Option<Arc<dyn Observer>>,
    began: Instant,
    facts: Mutex<Facts>,
}

/// The end of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Read,
    /// The signature is verified.
    Verified,
    Decoded,
    Started,
    Handled,
}

const STEPS: usize = Step::Handled as usize + 1;

#[derive(Default)]
struct Facts {
    ends: [Option<Instant>; STEPS],
    event: Option<&'static str>,
    event_type: String,
    event_id: String,
    sandbox: bool,
    outcome: Option<Outcome<'static>>,
    /// The place of the mistake in a malformed body.
    path: String,
    secret: Option<usize>,
    signature_age: Option<i64>,
    body_bytes: usize,
    drift: Vec<Drift>,
}

impl Notes {
    /// No notes, for a worker: it reports attempts instead of requests.
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(super) fn none() -> Self {
        Self { noted: None, span: Span::none() }
    }

    /// Begins the notes of a request. If they are dropped without an [`end`](Self::end), the client has hung up.
    pub(super) fn begin(observer: Option<&Arc<dyn Observer>>) -> Watched {
        let noted = observer.map(|observer| Noted::begin(Some(Arc::clone(observer))));
        Watched { notes: Self { noted, span: Span::none() }, ended: false }
    }

    /// Begins notes that are kept without an observer too, because the caller asks for the outcome.
    pub(super) fn begin_always(observer: Option<&Arc<dyn Observer>>) -> Watched {
        Watched { notes: Self { noted: Some(Noted::begin(observer.cloned())), span: Span::none() }, ended: false }
    }

    /// Makes the span of an authenticated delivery, if a subscriber wants it.
    pub(super) fn begin_span(&mut self, event_type: &str, secret: Option<usize>, headers: &HeaderMap) {
        let span = tracing::info_span!(
            "delivery",
            otel.name = %format_args!("webhook {event_type}"),
            otel.kind = "server",
            otel.status_code = field::Empty,
            messaging.operation.type = "process",
            event_type,
            event_id = field::Empty,
            sandbox = field::Empty,
            secret,
            outcome = field::Empty,
            duplicate = field::Empty,
            http.response.status_code = field::Empty,
        );
        if let Some(observer) = self.noted.as_ref().and_then(|noted| noted.observer.as_ref()) {
            guarded(|| observer.authenticated(headers, &span));
        }
        if span.is_disabled() {
            return;
        }
        self.noted.get_or_insert_with(|| Noted::begin(None));
        self.span = span;
    }

    /// The trace of this delivery as the observer writes it, for the job that the delivery enqueues.
    pub(super) fn trace(&self) -> Option<String> {
        let observer = self.noted.as_ref()?.observer.as_ref()?;
        guarded(|| observer.trace(&self.span)).flatten()
    }

    fn facts(&self) -> Option<MutexGuard<'_, Facts>> {
        self.noted.as_ref().map(|noted| noted.facts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes that a step has ended.
    pub(super) fn step(&self, step: Step) {
        if let Some(mut facts) = self.facts() {
            facts.ends[step as usize] = Some(Instant::now());
        }
    }

    /// The name of the event, and the outcome for an answer of this status, as far as they are noted.
    pub(super) fn settled(&self, status: StatusCode) -> (&'static str, Outcome<'static>) {
        let (event, outcome) = self.facts().map_or((None, None), |facts| (facts.event, facts.outcome));
        (event.unwrap_or(Report::OTHER), settled(outcome, status))
    }

    /// Notes the outcome. A later one replaces an earlier one.
    pub(super) fn outcome(&self, outcome: Outcome<'static>) {
        if let Some(mut facts) = self.facts() {
            facts.outcome = Some(outcome);
        }
    }

    /// Notes that the handler has ended, and how.
    pub(super) fn handled(&self, outcome: Outcome<'static>) {
        if let Some(mut facts) = self.facts() {
            facts.outcome = Some(outcome);
            facts.ends[Step::Handled as usize] = Some(Instant::now());
        }
    }

    pub(super) fn body(&self, bytes: usize) {
        if let Some(mut facts) = self.facts() {
            facts.body_bytes = bytes;
            facts.ends[Step::Read as usize] = Some(Instant::now());
        }
    }

    /// Notes that this is an event without a signature of its own.
    pub(super) fn unsigned(&self, bytes: usize) {
        if let Some(mut facts) = self.facts() {
            facts.body_bytes = bytes;
            facts.ends[Step::Verified as usize] = Some(Instant::now());
        }
    }

    /// Notes that the request is authenticated.
    pub(super) fn authenticated(&self, secret: usize, headers: &SignedHeaders, now: SystemTime) {
        if let Some(mut facts) = self.facts() {
            facts.secret = Some(secret);
            facts.signature_age = Some(signature_age(headers.seconds(), now));
            facts.ends[Step::Verified as usize] = Some(Instant::now());
        }
    }

    /// Notes the event's own type, and its name from a bounded set.
    pub(super) fn event(&self, name: impl FnOnce() -> &'static str, event_type: &str) {
        if let Some(mut facts) = self.facts() {
            facts.event = Some(name());
            event_type.clone_into(&mut facts.event_type);
        }
    }

    pub(super) fn envelope(&self, event_id: Option<&str>, sandbox: bool) {
        if let Some(mut facts) = self.facts() {
            event_id.unwrap_or_default().clone_into(&mut facts.event_id);
            facts.sandbox = sandbox;
            facts.ends[Step::Decoded as usize] = Some(Instant::now());
            self.span.record("event_id", event_id);
            self.span.record("sandbox", sandbox);
        }
    }

    pub(super) fn malformed(&self, path: Option<&str>) {
        if let Some(mut facts) = self.facts() {
            facts.outcome = Some(Outcome::Malformed { path: "" });
            path.unwrap_or_default().clone_into(&mut facts.path);
        }
    }

    /// True if the observer wants the event's drift.
    pub(super) fn want_drift(&self) -> bool {
        let observer = self.noted.as_ref().and_then(|noted| noted.observer.as_ref());
        observer.is_some_and(|observer| guarded(|| observer.wants_drift()).unwrap_or(false))
    }

    pub(super) fn drift(&self, drift: Vec<Drift>) {
        if let Some(mut facts) = self.facts() {
            facts.drift = drift;
        }
    }
}

impl Noted {
    fn begin(observer: Option<Arc<dyn Observer>>) -> Arc<Self> {
        Arc::new(Self { observer, began: Instant::now(), facts: Mutex::default() })
    }
}

/// The notes of a request, to be ended with its answer.
pub(super) struct Watched {
    pub(super) notes: Notes,
    ended: bool,
}

impl Watched {
    /// The answer is known: the report is made.
    pub(super) fn end(mut self, status: StatusCode) {
        self.ended = true;
        self.report(Some(status));
    }

    fn report(&self, status: Option<StatusCode>) {
        let (Some(noted), Some(facts)) = (&self.notes.noted, self.notes.facts()) else { return };
        let outcome = match (facts.outcome, status) {
            (_, None) => Outcome::HungUp,
            (Some(Outcome::Malformed { .. }), _) => Outcome::Malformed { path: &facts.path },
            (outcome, Some(status)) => settled(outcome, status),
        };
        end_span(&self.notes.span, outcome, status);
        let Some(observer) = &noted.observer else { return };
        let report = Report {
            event: facts.event.unwrap_or(Report::OTHER),
            event_type: &facts.event_type,
            event_id: &facts.event_id,
            sandbox: facts.sandbox,
            outcome,
            status,
            secret: facts.secret,
            signature_age: facts.signature_age,
            body_bytes: facts.body_bytes,
            times: facts.times(noted.began),
            drift: &facts.drift,
        };
        guarded(|| observer.delivery(&report));
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if !self.ended {
            self.report(None);
        }
    }
}

/// The outcome that was noted, or else the one that the status of the answer shows.
fn settled(noted: Option<Outcome<'static>>, status: StatusCode) -> Outcome<'static> {
    noted.unwrap_or(if status.is_success() { Outcome::Answered } else { Outcome::Failed })
}

fn end_span(span: &Span, outcome: Outcome<'_>, status: Option<StatusCode>) {
    if span.is_disabled() {
        return;
    }
    span.record("outcome", outcome.label());
    span.record("duplicate", matches!(outcome, Outcome::Duplicate | Outcome::Replayed | Outcome::KeyReused));
    // OpenTelemetry's conventions for servers leave the status unset if nothing went wrong on this side.
    if outcome.is_fault() {
        span.record("otel.status_code", "ERROR");
    }
    if let Some(status) = status {
        span.record("http.response.status_code", status.as_u16());
    }
}

impl Facts {
    fn times(&self, began: Instant) -> Times {
        let now = Instant::now();
        let end = |step: Step| self.ends[step as usize];
        let between = |from: Option<Instant>, to: Option<Instant>| Some(to?.saturating_duration_since(from?));
        // A step that was begun and not ended lasted until now, for example a handler that took too long.
        let until = |step: Step| end(step).or(Some(now));
        Times {
            body: between(Some(began), end(Step::Read)),
            verify: between(end(Step::Read), end(Step::Verified)),
            decode: between(end(Step::Verified), end(Step::Decoded)),
            wait: between(end(Step::Decoded), until(Step::Started)),
            handler: between(end(Step::Started), until(Step::Handled)),
            commit: between(end(Step::Handled), Some(now)),
            total: now.saturating_duration_since(began),
        }
    }
}

/// The age of a signature in seconds: negative if it is ahead of the clock.
fn signature_age(signed_at: u64, now: SystemTime) -> i64 {
    let seconds = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
    seconds(now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()).saturating_sub(seconds(signed_at))
}

/// Calls an observer. Its panic must not change the answer.
pub(super) fn guarded<T>(call: impl FnOnce() -> T) -> Option<T> {
    let called = catch_unwind(AssertUnwindSafe(call));
    if called.is_err() {
        tracing::error!("an observer panicked; the answer is not affected");
    }
    called.ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_signature_from_the_future_has_a_negative_age() {
        let now = UNIX_EPOCH + Duration::from_secs(1000);
        assert_eq!([993, 1000, 1003].map(|signed_at| signature_age(signed_at, now)), [7, 0, -3]);
        assert_eq!(signature_age(u64::MAX, now), 1000 - i64::MAX);
    }

    /// Takes reports, and asks for nothing else.
    #[derive(Default)]
    struct Quiet(Mutex<Vec<Outcome<'static>>>);

    impl Observer for Quiet {
        fn delivery(&self, report: &Report<'_>) {
            let outcome = if report.outcome == Outcome::Answered { Outcome::Answered } else { Outcome::Failed };
            self.0.lock().unwrap().push(outcome);
        }
    }

    #[test]
    fn an_observer_gets_drift_only_if_it_wants_it() {
        let observer: Arc<dyn Observer> = Arc::new(Quiet::default());
        assert!(!Notes::begin(Some(&observer)).notes.want_drift());
        assert!(!Notes::begin(None).notes.want_drift());
    }

    #[test]
    fn without_an_outcome_the_status_decides() {
        let quiet = Arc::new(Quiet::default());
        let observer: Arc<dyn Observer> = Arc::clone(&quiet) as _;
        Notes::begin(Some(&observer)).end(StatusCode::OK);
        Notes::begin(Some(&observer)).end(StatusCode::BAD_REQUEST);
        assert_eq!(*quiet.0.lock().unwrap(), [Outcome::Answered, Outcome::Failed]);
    }
}
