use std::collections::BTreeMap;

use aghanim_hooks::observer::{MetricKind, Metrics};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusRecorder};

/// A recorder for Prometheus that has the library's buckets for each histogram.
///
/// # Panics
/// Panics if a histogram has no buckets.
#[must_use]
pub fn recorder() -> PrometheusRecorder {
    let mut builder = PrometheusBuilder::new();
    for metric in Metrics::TABLE.iter().filter(|metric| metric.kind == MetricKind::Histogram) {
        let matcher = Matcher::Full(metric.name.to_owned());
        builder = builder.set_buckets_for_metric(matcher, Metrics::buckets(metric.name)).unwrap();
    }
    builder.build_recorder()
}

/// The samples of an exposition in Prometheus' text format, by name and labels.
///
/// # Panics
/// Panics if a sample has no number.
#[must_use]
pub fn samples(exposition: &str) -> BTreeMap<String, f64> {
    let lines = exposition.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect()
}
