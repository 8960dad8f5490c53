use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use super::{AttemptReport, Observer, Outcome, Report};
use crate::control::{Readiness, SecretStatus, StoreHealth};
use crate::idempotency::Connections;
use crate::later::{self, Depth};

/// An [`Observer`] that records every report with the `metrics` facade, version 0.24.
///
/// Install a recorder first, such as the one of `metrics-exporter-prometheus`, or a bridge to OpenTelemetry:
/// `examples/src/bin/production.rs` and `examples/telemetry` show both. Without a recorder nothing is recorded.
///
/// ```
/// use aghanim_hooks::observer::Metrics;
/// # use aghanim_hooks::{Secret, Webhooks, webhook, webhooks};
/// # use aghanim_hooks::events::ItemAdd;
/// # #[webhook("item.add")]
/// # async fn grant(_event: ItemAdd) {}
/// # fn main() -> Result<(), aghanim_hooks::signature::SecretError> {
/// # let secret = Secret::new("whsec_4f1c9d0a77b2e8d6")?;
/// let hooks: Webhooks = Webhooks::new(secret, webhooks![grant]).observer(Metrics::new());
/// # Ok(())
/// # }
/// ```
///
/// The names are fixed, and the labels are bounded: no label has a text that a sender can choose. [`TABLE`](Self::TABLE)
/// lists them, and so does `docs/metrics`, with a dashboard for Grafana and alert rules for Prometheus beside it.
#[derive(Debug)]
pub struct Metrics {
    drift_every: u32,
    deliveries: AtomicU32,
}

/// One metric: what a dashboard or an alert can rely on.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Metric {
    /// The name in the `metrics` facade. Exporters for Prometheus add `_bucket`, `_sum` and `_count` for a histogram.
    pub name: &'static str,
    /// Counter, gauge or histogram.
    pub kind: MetricKind,
    /// The unit.
    pub unit: Unit,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// Its meaning.
    pub help: &'static str,
}

/// The kind of a [`Metric`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// Grows only.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts values in buckets.
    Histogram,
}

macro_rules! metrics_table {
    ($($(#[$doc:meta])* $constant:ident = $kind:ident $name:literal [$($label:literal),*] $unit:ident, $help:literal;)+) => {
        /// The names of the metrics.
        mod name {
            $(pub(super) const $constant: &str = $name;)+
        }

        impl Metrics {
            /// Every metric that this crate records.
            pub const TABLE: &'static [Metric] = &[$(Metric {
                name: $name,
                kind: MetricKind::$kind,
                unit: Unit::$unit,
                labels: &[$($label),*],
                help: $help,
            },)+];
        }
    };
}

metrics_table! {
    DELIVERIES = Counter "aghanim_hooks_deliveries_total" ["event", "outcome"] Count,
        "Authenticated requests, by event and outcome. With `aghanim_hooks_refused_total` it adds up to all requests.";
    REFUSED = Counter "aghanim_hooks_refused_total" ["reason"] Count,
        "Requests that were not authenticated, by reason.";
    DUPLICATES = Counter "aghanim_hooks_duplicates_total" ["state"] Count,
        "Deliveries of a key that was known: `in_flight`, `answered`, or `other_data` for one with other data than before.";
    UNKNOWN = Counter "aghanim_hooks_unknown_events_total" [] Count,
        "Authenticated deliveries of a type that no handler takes.";
    SECRET_USED = Counter "aghanim_hooks_secret_used_total" ["slot"] Count,
        "Authenticated requests by the index of their secret.";
    DRIFT = Counter "aghanim_hooks_drift_total" ["event", "kind"] Count,
        "Fields and values that this version does not know, in sampled deliveries.";
    DURATION = Histogram "aghanim_hooks_duration_seconds" ["event"] Seconds,
        "The time from the headers to the answer, of authenticated requests.";
    STEP = Histogram "aghanim_hooks_step_seconds" ["step"] Seconds,
        "The time of one step: body, verify, decode, wait, handler, commit.";
    BODY = Histogram "aghanim_hooks_body_bytes" [] Bytes,
        "The length of the bodies of authenticated requests.";
    SIGNATURE_AGE = Histogram "aghanim_hooks_signature_age_seconds" [] Seconds,
        "The age of the signatures. Ages below zero, from a clock ahead of ours, count as zero.";
    SECRET_LAST_USED = Gauge "aghanim_hooks_secret_last_used_seconds" ["slot"] Seconds,
        "The Unix time at which a secret last signed a request; 0 if it never did.";
    READY = Gauge "aghanim_hooks_ready" [] Count,
        "1 if the endpoint is ready for deliveries, else 0.";
    STORE_UP = Gauge "aghanim_hooks_store_up" [] Count,
        "1 if the idempotency store answered the last health check, else 0.";
    STORE_CONNECTIONS = Gauge "aghanim_hooks_store_connections" ["state"] Count,
        "Connections of the store's pool: `busy`, `idle`, and `most` for the size that it may grow to.";
    LAST_SUCCESS = Gauge "aghanim_hooks_last_success_seconds" [] Seconds,
        "The Unix time at which an event was last taken; 0 before the first one.";
    PAUSED = Gauge "aghanim_hooks_paused_patterns" [] Count,
        "The number of event patterns that are paused for maintenance.";
    DRAINING = Gauge "aghanim_hooks_draining" [] Count,
        "1 if the endpoint refuses new deliveries because its process is being stopped, else 0.";
    ATTEMPTS = Counter "aghanim_hooks_attempts_total" ["event", "outcome"] Count,
        "Attempts of `later` handlers, by event and outcome.";
    DEAD_LETTERS = Counter "aghanim_hooks_dead_letters_total" ["event"] Count,
        "Jobs of `later` handlers that became dead letters.";
    ATTEMPT_DURATION = Histogram "aghanim_hooks_attempt_seconds" ["event"] Seconds,
        "The time that an attempt of a `later` handler took.";
    DONE_AFTER = Histogram "aghanim_hooks_done_after_seconds" ["event"] Seconds,
        "The time from a delivery to the end of its work, for work that was done.";
    JOBS = Gauge "aghanim_hooks_jobs" ["state"] Count,
        "Jobs of `later` handlers: `waiting`, `running`, `retrying`, and `dead` for dead letters.";
    OLDEST_JOB = Gauge "aghanim_hooks_oldest_job_seconds" [] Seconds,
        "The age of the oldest unfinished job; 0 if all jobs are finished.";
}

/// One delivery in a hundred shows a change of the provider soon enough.
const DRIFT_EVERY: u32 = 100;

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Buckets for the histograms in seconds, for exporters that ask for them: from 100 µs to 60 s.
    pub const SECONDS: &'static [f64] = &[
        0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
        60.0,
    ];

    /// Buckets for the age of signatures in seconds: from 1 s to 72 h.
    pub const AGES: &'static [f64] = &[1.0, 5.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 21_600.0, 86_400.0, 259_200.0];

    /// Buckets for the time until work is done, in seconds: from 10 ms to 6 h.
    pub const WORK: &'static [f64] =
        &[0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 10_800.0, 21_600.0];

    /// Buckets for the length of bodies in bytes: from 256 B to 1 MiB.
    pub const BYTES: &'static [f64] = &[256.0, 1024.0, 4096.0, 16_384.0, 65_536.0, 262_144.0, 1_048_576.0];

    /// Describes the metrics to the installed recorder.
    #[must_use]
    pub fn new() -> Self {
        for metric in Self::TABLE {
            match metric.kind {
                MetricKind::Counter => describe_counter!(metric.name, metric.unit, metric.help),
                MetricKind::Gauge => describe_gauge!(metric.name, metric.unit, metric.help),
                MetricKind::Histogram => describe_histogram!(metric.name, metric.unit, metric.help),
            }
        }
        Self { drift_every: DRIFT_EVERY, deliveries: AtomicU32::new(0) }
    }

    /// The buckets that fit a histogram of [`TABLE`](Self::TABLE), by its name.
    #[must_use]
    pub fn buckets(name: &str) -> &'static [f64] {
        match name {
            name::SIGNATURE_AGE => Self::AGES,
            name::BODY => Self::BYTES,
            name::DONE_AFTER => Self::WORK,
            _ => Self::SECONDS,
        }
    }

    /// Sets that one in this many deliveries is searched for unknown fields: 100 unless set, never for 0.
    #[must_use]
    pub fn drift_every(mut self, deliveries: u32) -> Self {
        self.drift_every = deliveries;
        self
    }
}

impl Observer for Metrics {
    fn delivery(&self, report: &Report<'_>) {
        let Some(secret) = report.secret else {
            let reason = match report.outcome {
                Outcome::Unauthenticated(reason) => reason.label(),
                other => other.label(),
            };
            counter!(name::REFUSED, "reason" => reason).increment(1);
            return;
        };
        counter!(name::DELIVERIES, "event" => report.event, "outcome" => report.outcome.label()).increment(1);
        counter!(name::SECRET_USED, "slot" => slot(secret)).increment(1);
        let state = match report.outcome {
            Outcome::Duplicate => Some("in_flight"),
            Outcome::Replayed => Some("answered"),
            Outcome::KeyReused => Some("other_data"),
            _ => None,
        };
        if let Some(state) = state {
            counter!(name::DUPLICATES, "state" => state).increment(1);
        }
        if matches!(report.outcome, Outcome::Unknown | Outcome::Ignored) {
            counter!(name::UNKNOWN).increment(1);
        }
        for drift in report.drift {
            counter!(name::DRIFT, "event" => report.event, "kind" => drift.kind.label()).increment(1);
        }
        histogram!(name::DURATION, "event" => report.event).record(report.times.total);
        for (step, time) in report.times.steps() {
            histogram!(name::STEP, "step" => step).record(time);
        }
        #[expect(clippy::cast_precision_loss, reason = "no body has 2^52 bytes")]
        histogram!(name::BODY).record(report.body_bytes as f64);
        if let Some(age) = report.signature_age {
            histogram!(name::SIGNATURE_AGE).record(Duration::from_secs(age.try_into().unwrap_or(0)));
        }
    }

    fn attempt(&self, report: &AttemptReport<'_>) {
        counter!(name::ATTEMPTS, "event" => report.event, "outcome" => report.label()).increment(1);
        if report.is_dead_letter() {
            counter!(name::DEAD_LETTERS, "event" => report.event).increment(1);
        }
        histogram!(name::ATTEMPT_DURATION, "event" => report.event).record(report.took);
        if let (Some(age), true) = (report.age, report.outcome.is_some_and(later::Outcome::is_done)) {
            histogram!(name::DONE_AFTER, "event" => report.event).record(age);
        }
    }

    fn wants_drift(&self) -> bool {
        self.drift_every > 0 && self.deliveries.fetch_add(1, Ordering::Relaxed).is_multiple_of(self.drift_every)
    }
}

/// Records the health of an endpoint as gauges.
pub(crate) fn record_gauges(readiness: &Readiness, secrets: &[SecretStatus]) {
    gauge!(name::READY).set(flag(readiness.ready));
    gauge!(name::DRAINING).set(flag(readiness.draining));
    gauge!(name::PAUSED).set(u32::try_from(readiness.paused.len()).unwrap_or(u32::MAX));
    gauge!(name::STORE_UP).set(flag(readiness.store != StoreHealth::Down));
    if let Some(Connections { busy, idle, most }) = readiness.connections {
        for (state, connections) in [("busy", busy), ("idle", idle), ("most", most)] {
            gauge!(name::STORE_CONNECTIONS, "state" => state).set(connections);
        }
    }
    gauge!(name::LAST_SUCCESS).set(unix_seconds(readiness.last_success));
    for secret in secrets {
        gauge!(name::SECRET_LAST_USED, "slot" => slot(secret.index)).set(unix_seconds(secret.last_used));
    }
}

/// Records the number of jobs as gauges.
pub(crate) fn record_jobs(depth: &Depth) {
    let Depth { waiting, running, retrying, dead, oldest } = *depth;
    for (state, jobs) in [("waiting", waiting), ("running", running), ("retrying", retrying), ("dead", dead)] {
        #[expect(clippy::cast_precision_loss, reason = "no table has 2^52 jobs")]
        gauge!(name::JOBS, "state" => state).set(jobs as f64);
    }
    gauge!(name::OLDEST_JOB).set(oldest.as_secs_f64());
}

fn flag(set: bool) -> f64 {
    if set { 1.0 } else { 0.0 }
}

fn unix_seconds(time: Option<SystemTime>) -> f64 {
    time.and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default().as_secs_f64()
}

/// The label of a secret's index. More than two are rare.
fn slot(index: usize) -> &'static str {
    const SLOTS: [&str; 8] = ["0", "1", "2", "3", "4", "5", "6", "7"];
    SLOTS.get(index).copied().unwrap_or("more")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_say_their_unit() {
        let mut names: Vec<_> = Metrics::TABLE.iter().map(|metric| metric.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Metrics::TABLE.len());
        for Metric { name, kind, unit, .. } in Metrics::TABLE {
            assert!(name.starts_with("aghanim_hooks_"), "{name}");
            assert_eq!(name.ends_with("_total"), *kind == MetricKind::Counter, "{name}");
            assert_eq!(name.ends_with("_seconds"), *unit == Unit::Seconds, "{name}");
            assert_eq!(name.ends_with("_bytes"), *unit == Unit::Bytes, "{name}");
        }
    }

    #[test]
    fn drift_is_sampled() {
        let metrics = Metrics::new().drift_every(10);
        assert_eq!((0..100).filter(|_| metrics.wants_drift()).count(), 10);
        let never = Metrics::new().drift_every(0);
        assert!(!never.wants_drift());
    }

    #[test]
    fn buckets_grow() {
        for metric in Metrics::TABLE.iter().filter(|metric| metric.kind == MetricKind::Histogram) {
            assert!(Metrics::buckets(metric.name).is_sorted(), "{}", metric.name);
        }
    }
}
