use std::collections::BTreeMap;

use aghanim_hooks::idempotency::MemoryStore;
use aghanim_hooks::observer::{Metric, MetricKind, Metrics};
use aghanim_hooks_tests::{recorder, samples, signed};

use super::endpoint::{Endpoint, body, keyed, request, secret};

const DASHBOARD: &str = include_str!("../../../docs/metrics/grafana.json");
const ALERTS: &str = include_str!("../../../docs/metrics/alerts.yaml");
const MANUAL: &str = include_str!("../../../docs/operations.md");
const DOCUMENT: &str = include_str!("../../../docs/metrics/README.md");

/// The sum of the samples whose name begins so.
fn sum(samples: &BTreeMap<String, f64>, prefix: &str) -> f64 {
    samples.iter().filter(|(name, _)| name.starts_with(prefix)).map(|(_, value)| value).sum()
}

#[tokio::test]
async fn the_numbers_add_up() {
    let recorder = recorder();
    let exposition = recorder.handle();
    // The test's runtime has one thread, so this counts for the server too.
    let _recording = metrics::set_default_local_recorder(&recorder);

    let endpoint =
        Endpoint::start(|hooks| hooks.idempotency(MemoryStore::new()).observer(Metrics::new().drift_every(1))).await;
    let new_field = r#"{"event_type":"item.add","event_data":{"player_id":"p","items":[],"color":"red"}}"#;
    let requests = [
        request("player.verify", "p"),
        request("item.add", "declines"),
        request("item.add", "fails"),
        keyed("p", "k"),
        keyed("p", "k"),
        keyed("q", "k"),
        request("guild.joined", "p"),
        signed(&secret("one"), new_field),
        signed(&secret("two"), body("item.add", "p", None)),
        request("item.add", "p").without("X-Aghanim-Signature"),
    ];
    for request in &requests {
        endpoint.send(request).await;
    }
    endpoint.control.record_metrics().await;

    let text = exposition.render();
    let samples = samples(&text);
    let value = |name: &str| *samples.get(name).unwrap_or_else(|| panic!("no {name} in {text}"));
    for (name, expected) in [
        (r#"aghanim_hooks_deliveries_total{event="player.verify",outcome="answered"}"#, 1.0),
        (r#"aghanim_hooks_deliveries_total{event="item.add",outcome="answered"}"#, 2.0),
        (r#"aghanim_hooks_deliveries_total{event="item.add",outcome="refused"}"#, 1.0),
        (r#"aghanim_hooks_deliveries_total{event="item.add",outcome="failed"}"#, 1.0),
        (r#"aghanim_hooks_deliveries_total{event="item.add",outcome="replayed"}"#, 1.0),
        (r#"aghanim_hooks_deliveries_total{event="item.add",outcome="key_reused"}"#, 1.0),
        (r#"aghanim_hooks_deliveries_total{event="other",outcome="unknown"}"#, 1.0),
        (r#"aghanim_hooks_refused_total{reason="signature_wrong"}"#, 1.0),
        (r#"aghanim_hooks_refused_total{reason="signature_missing"}"#, 1.0),
        (r#"aghanim_hooks_duplicates_total{state="answered"}"#, 1.0),
        (r#"aghanim_hooks_duplicates_total{state="other_data"}"#, 1.0),
        (r#"aghanim_hooks_drift_total{event="item.add",kind="field"}"#, 1.0),
        ("aghanim_hooks_unknown_events_total", 1.0),
        ("aghanim_hooks_ready", 1.0),
        ("aghanim_hooks_store_up", 1.0),
        ("aghanim_hooks_draining", 0.0),
        ("aghanim_hooks_paused_patterns", 0.0),
    ] {
        assert!((value(name) - expected).abs() < f64::EPSILON, "{name}: {} in {text}", value(name));
    }
    let all = sum(&samples, "aghanim_hooks_deliveries_total") + sum(&samples, "aghanim_hooks_refused_total");
    assert_eq!(all.to_string(), requests.len().to_string(), "{text}");
    let authenticated = sum(&samples, "aghanim_hooks_deliveries_total");
    for name in [
        "aghanim_hooks_secret_used_total",
        "aghanim_hooks_duration_seconds_count",
        "aghanim_hooks_body_bytes_count",
        "aghanim_hooks_signature_age_seconds_count",
    ] {
        assert_eq!(sum(&samples, name).to_string(), authenticated.to_string(), "{name} in {text}");
    }
    assert!(value(r#"aghanim_hooks_secret_last_used_seconds{slot="0"}"#) > 1_700_000_000.0);
}

/// Each word of a text that looks like one of our metrics.
fn named(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with("aghanim_hooks_")).collect()
}

/// The metric of a name as Prometheus stores it.
fn metric(name: &str) -> Option<&'static Metric> {
    Metrics::TABLE.iter().find(|metric| {
        let suffixes: &[&str] =
            if metric.kind == MetricKind::Histogram { &["_bucket", "_sum", "_count"] } else { &[""] };
        name.strip_prefix(metric.name).is_some_and(|suffix| suffixes.contains(&suffix))
    })
}

#[test]
fn every_metric_that_dashboard_and_alerts_name_exists() {
    for (file, text) in [("grafana.json", DASHBOARD), ("alerts.yaml", ALERTS)] {
        let names = named(text);
        assert!(names.len() > 5, "{file} names no metrics");
        for name in names {
            assert!(metric(name).is_some(), "{file} names `{name}`, which is not recorded");
        }
    }
}

#[test]
fn every_metric_is_on_the_dashboard() {
    let shown: Vec<_> = named(DASHBOARD).into_iter().filter_map(metric).map(|metric| metric.name).collect();
    for metric in Metrics::TABLE {
        assert!(shown.contains(&metric.name), "the dashboard does not show `{}`", metric.name);
    }
}

#[test]
fn the_dashboard_is_json_with_a_query_in_each_panel() {
    let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    for panel in panels.iter().filter(|panel| panel["type"] != "row") {
        let targets = panel["targets"].as_array().unwrap_or_else(|| panic!("{} has no queries", panel["title"]));
        assert!(!targets.is_empty() && targets.iter().all(|target| target["expr"].is_string()), "{}", panel["title"]);
    }
}

/// GitHub's anchor of a heading.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars().filter(|c| c.is_alphanumeric() || *c == ' ' || *c == '-').collect::<String>().replace(' ', "-")
}

#[test]
fn every_alert_has_a_section_that_says_what_to_do() {
    let sections: Vec<_> = MANUAL.lines().filter(|line| line.starts_with("##")).map(anchor).collect();
    let alerts = ALERTS.matches("- alert:").count();
    let runbooks: Vec<_> = ALERTS.lines().filter_map(|line| line.split_once("runbook: docs/operations.md#")).collect();
    assert_eq!(runbooks.len(), alerts);
    for (_, section) in runbooks {
        assert!(sections.iter().any(|known| known == section), "docs/operations.md has no section `{section}`");
    }
}

#[test]
fn labels_in_queries_are_those_of_their_metric() {
    for text in [DASHBOARD, ALERTS] {
        for (start, _) in text.match_indices("aghanim_hooks_") {
            let rest = &text[start..];
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap();
            let Some(selector) = rest[end..].strip_prefix('{') else { continue };
            let metric = metric(&rest[..end]).unwrap();
            let selector = &selector[..selector.find('}').unwrap()];
            for matcher in selector.split(',') {
                let label = matcher.split(['=', '!']).next().unwrap().trim();
                assert!(metric.labels.contains(&label), "{} has no label `{label}`: {selector}", metric.name);
            }
        }
    }
}

#[test]
fn the_documented_table_is_up_to_date() {
    let rows: Vec<_> = Metrics::TABLE
        .iter()
        .map(|metric| {
            let kind = match metric.kind {
                MetricKind::Counter => "counter",
                MetricKind::Gauge => "gauge",
                MetricKind::Histogram => "histogram",
            };
            let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
            format!("| `{}` | {kind} | {} | {} |\n", metric.name, labels.join(", "), metric.help)
        })
        .collect();
    let table = format!("| Metric | Kind | Labels | Meaning |\n|---|---|---|---|\n{}", rows.concat());
    assert!(DOCUMENT.contains(&table), "docs/metrics/README.md lacks this table:\n{table}");
}
