//! One report per request, and one per attempt of a `later` handler: for metrics, alarms and tests.
//!
//! Give the endpoint an [`Observer`] with [`Webhooks::observer`](crate::Webhooks::observer). It gets one [`Report`] for
//! each request, when the answer is known:
//!
//! ```
//! use aghanim_hooks::observer::{Observer, Outcome, Report};
//! # use aghanim_hooks::{Secret, Webhooks, webhook, webhooks};
//! # use aghanim_hooks::events::ItemAdd;
//! # #[webhook("item.add")]
//! # async fn grant(_event: ItemAdd) {}
//! use std::sync::atomic::{AtomicU64, Ordering};
//!
//! #[derive(Default)]
//! struct Refunds(AtomicU64);
//!
//! impl Observer for Refunds {
//!     fn delivery(&self, report: &Report<'_>) {
//!         if report.event == "item.add" && report.outcome == Outcome::Refused {
//!             self.0.fetch_add(1, Ordering::Relaxed);
//!         }
//!     }
//! }
//!
//! # fn main() -> Result<(), aghanim_hooks::signature::SecretError> {
//! # let secret = Secret::new("whsec_4f1c9d0a77b2e8d6")?;
//! let hooks: Webhooks = Webhooks::new(secret, webhooks![grant]).observer(Refunds::default());
//! # Ok(())
//! # }
//! ```
//!
//! With the feature `metrics` there is an observer that records everything with the [`metrics`] facade:
#![cfg_attr(feature = "metrics", doc = "[`Metrics`].")]
#![cfg_attr(not(feature = "metrics"), doc = "`Metrics`.")]
//!
//! Without an observer no time is measured and no report is made.
//!
//! # Requests of strangers
//!
//! A request that is not authenticated makes a report too, in bounded ways: its [`event`](Report::event) is
//! [`OTHER`](Report::OTHER), its texts are empty, and its outcome is one of a fixed list. A stranger chooses no label and
//! no text. Even an authenticated event type that no handler takes is reported as `OTHER`.
//!
//! [`metrics`]: https://docs.rs/metrics/0.24

mod attempt;
#[cfg(feature = "metrics")]
mod metrics;
mod outcome;
mod report;

pub use crate::events::{Drift, DriftKind};
pub use attempt::AttemptReport;
#[cfg(feature = "metrics")]
pub use metrics::{Metric, MetricKind, Metrics};
#[cfg(feature = "metrics")]
pub(crate) use metrics::{record_gauges, record_jobs};
pub use outcome::{Outcome, Unauthenticated};
pub use report::{Report, Times};

/// Gets one report for each request, and one for each attempt of a [`later`](crate::later) handler.
///
/// It is called on the path of the request, before the answer is sent: do not block, and hand slow work to a task. A panic
/// is caught, logged, and changes nothing about the answer.
pub trait Observer: Send + Sync + 'static {
    /// A request has been answered, or its client has hung up.
    fn delivery(&self, report: &Report<'_>);

    /// A request has been authenticated, and its span has been made.
    ///
    /// The place to follow an incoming `traceparent`, if you trust its sender: the signature does not cover headers, so
    /// this is never done by default. With `tracing-opentelemetry`, extract the context from `headers` and give it to
    /// `span.set_parent`. Does nothing by default.
    fn authenticated(&self, headers: &http::HeaderMap, span: &tracing::Span) {
        let _ = (headers, span);
    }

    /// An attempt of a `later` handler has ended. Does nothing by default.
    ///
    /// It is called in the process of the worker.
    fn attempt(&self, report: &AttemptReport<'_>) {
        let _ = report;
    }

    /// The trace of a delivery whose work is done later, as a W3C `traceparent`. None by default.
    ///
    /// It is kept with the job, so that the spans of the attempts can be linked to the span of the delivery, whichever
    /// process works the job. With `tracing-opentelemetry`, inject the context of `span` into a map and take its
    /// `traceparent`: `examples/telemetry` shows it.
    fn trace(&self, span: &tracing::Span) -> Option<String> {
        let _ = span;
        None
    }

    /// An attempt of a `later` handler begins, and its span has been made. Does nothing by default.
    ///
    /// `trace` is what [`trace`](Self::trace) returned for the delivery. With `tracing-opentelemetry`, give it to
    /// `span.add_link`.
    fn attempt_begins(&self, trace: Option<&str>, span: &tracing::Span) {
        let _ = (trace, span);
    }

    /// True to compare this delivery's fields and values with those that this crate knows; see [`Drift`].
    ///
    /// This reads the event's data once more, so sample: once for every hundred deliveries is enough to see a change of
    /// the provider. False by default.
    fn wants_drift(&self) -> bool {
        false
    }
}

/// Gives every report to both.
impl<A: Observer, B: Observer> Observer for (A, B) {
    fn delivery(&self, report: &Report<'_>) {
        self.0.delivery(report);
        self.1.delivery(report);
    }

    fn authenticated(&self, headers: &http::HeaderMap, span: &tracing::Span) {
        self.0.authenticated(headers, span);
        self.1.authenticated(headers, span);
    }

    fn attempt(&self, report: &AttemptReport<'_>) {
        self.0.attempt(report);
        self.1.attempt(report);
    }

    /// The first one's, else the second one's.
    fn trace(&self, span: &tracing::Span) -> Option<String> {
        self.0.trace(span).or_else(|| self.1.trace(span))
    }

    fn attempt_begins(&self, trace: Option<&str>, span: &tracing::Span) {
        self.0.attempt_begins(trace, span);
        self.1.attempt_begins(trace, span);
    }

    fn wants_drift(&self) -> bool {
        // Both are asked, since each may count.
        let (first, second) = (self.0.wants_drift(), self.1.wants_drift());
        first || second
    }
}

impl<T: Observer + ?Sized> Observer for std::sync::Arc<T> {
    fn delivery(&self, report: &Report<'_>) {
        (**self).delivery(report);
    }

    fn authenticated(&self, headers: &http::HeaderMap, span: &tracing::Span) {
        (**self).authenticated(headers, span);
    }

    fn attempt(&self, report: &AttemptReport<'_>) {
        (**self).attempt(report);
    }

    fn trace(&self, span: &tracing::Span) -> Option<String> {
        (**self).trace(span)
    }

    fn attempt_begins(&self, trace: Option<&str>, span: &tracing::Span) {
        (**self).attempt_begins(trace, span);
    }

    fn wants_drift(&self) -> bool {
        (**self).wants_drift()
    }
}
