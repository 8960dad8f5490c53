//! Finds out from the metrics of running endpoints if they still use their old secret.
//!
//! The old secret is the second one, so its metrics have the label `slot="1"`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::Request;
use http::header::ACCEPT;
use http_body_util::Empty;

use crate::transport::Server;

const USED: &str = "aghanim_hooks_secret_used_total";
const LAST_USED: &str = "aghanim_hooks_secret_last_used_seconds";
const PATIENCE: Duration = Duration::from_secs(10);

/// An endpoint's page of metrics, and what was seen on it.
pub struct Metrics {
    server: Server,
    /// The uses of the old secret at the last look.
    uses: Option<f64>,
    last_used: Option<SystemTime>,
}

/// The result of a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// The old secret was last used at this time; `None` if never since the endpoint has two.
    LastUsed(Option<SystemTime>),
    /// The endpoint has not taken the new file yet: it shows one secret.
    OneSecret,
    /// The page can't be read, for this reason.
    Nothing(String),
}

impl Metrics {
    /// The page at this URL.
    ///
    /// # Errors
    /// Fails if it is not a URL.
    pub fn new(url: &str) -> anyhow::Result<Self> {
        Ok(Self { server: Server::new(url)?, uses: None, last_used: None })
    }

    /// The page's URL.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Reads the page.
    pub async fn look(&mut self) -> Seen {
        let request = Request::get(self.server.path()).header(ACCEPT, "text/plain").body(Empty::<Bytes>::new());
        let request = match request {
            Ok(request) => request,
            Err(error) => return Seen::Nothing(error.to_string()),
        };
        let answer = match tokio::time::timeout(PATIENCE, self.server.send(request)).await {
            Err(_) => return Seen::Nothing(format!("no answer within {PATIENCE:?}")),
            Ok(Err(failure)) => return Seen::Nothing(failure.to_string()),
            Ok(Ok(answer)) => answer,
        };
        if !answer.status().is_success() {
            return Seen::Nothing(format!("it answers {}", answer.status()));
        }
        self.read(&String::from_utf8_lossy(answer.body()), SystemTime::now())
    }

    fn read(&mut self, page: &str, now: SystemTime) -> Seen {
        if !page.contains("aghanim_hooks_") {
            return Seen::Nothing("it has no metric of an endpoint: name the page with aghanim_hooks_…".to_owned());
        }
        let gauges: Vec<_> = values(page, LAST_USED).collect();
        let gauge = gauges.iter().find(|(slot, _)| *slot == "1").map(|(_, value)| *value);
        // An endpoint without `Control::record_metrics` has the counter alone, which says nothing about a secret that was
        // never used.
        if !gauges.is_empty() && gauge.is_none() {
            return Seen::OneSecret;
        }
        let uses: f64 = values(page, USED).filter(|(slot, _)| *slot == "1").map(|(_, value)| value).sum();
        let last = match gauge {
            Some(seconds) if seconds > 0.0 => {
                Some(UNIX_EPOCH + Duration::try_from_secs_f64(seconds).unwrap_or_default())
            }
            Some(_) => None,
            // More than before, or less after a restart in which it was used again.
            None => self.uses.is_some_and(|before| uses > before || uses > 0.0 && uses < before).then_some(now),
        };
        self.uses = Some(uses);
        self.last_used = self.last_used.max(last);
        Seen::LastUsed(self.last_used)
    }
}

/// The values of a metric in Prometheus' text format, each with its slot.
fn values<'a>(page: &'a str, metric: &'a str) -> impl Iterator<Item = (&'a str, f64)> {
    page.lines().filter_map(move |line| {
        let (labels, value) = line.strip_prefix(metric)?.strip_prefix('{')?.split_once('}')?;
        let slot = labels.split(',').find_map(|label| label.trim().strip_prefix("slot=\"")?.strip_suffix('"'))?;
        Some((slot, value.split_whitespace().next()?.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics() -> Metrics {
        Metrics::new("http://127.0.0.1:9/metrics").unwrap()
    }

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn the_gauge_says_when_the_old_secret_was_last_used() {
        let page = "# TYPE aghanim_hooks_secret_last_used_seconds gauge\n\
                    aghanim_hooks_secret_last_used_seconds{slot=\"0\"} 1764000100\n\
                    aghanim_hooks_secret_last_used_seconds{pod=\"a\",slot=\"1\"} 1764000000\n";
        let mut metrics = metrics();
        assert_eq!(metrics.read(page, at(0)), Seen::LastUsed(Some(at(1_764_000_000))));
        // After a restart, the endpoint no longer knows; we do.
        let forgotten = page.replace("1764000000", "0");
        assert_eq!(metrics.read(&forgotten, at(0)), Seen::LastUsed(Some(at(1_764_000_000))));
    }

    #[test]
    fn an_endpoint_with_one_secret_has_not_read_the_file() {
        let page = "aghanim_hooks_secret_last_used_seconds{slot=\"0\"} 1764000100\n";
        assert_eq!(metrics().read(page, at(0)), Seen::OneSecret);
    }

    #[test]
    fn the_counter_alone_tells_by_its_growth() {
        let page = |uses: u32| format!("aghanim_hooks_secret_used_total{{slot=\"1\"}} {uses}\n");
        let mut metrics = metrics();
        assert_eq!(metrics.read(&page(5), at(10)), Seen::LastUsed(None));
        assert_eq!(metrics.read(&page(5), at(20)), Seen::LastUsed(None));
        assert_eq!(metrics.read(&page(6), at(30)), Seen::LastUsed(Some(at(30))));
        assert_eq!(metrics.read(&page(6), at(40)), Seen::LastUsed(Some(at(30))));
    }

    #[test]
    fn another_page_is_not_an_idle_endpoint() {
        assert!(matches!(metrics().read("<html>sign in</html>", at(0)), Seen::Nothing(_)));
    }
}
