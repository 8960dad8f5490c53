use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use aghanim_hooks_benches::request::Delivery;

use crate::servers::Server;

/// The load of `wrk`: one signed request, repeated.
pub(crate) struct Load {
    script: PathBuf,
    connections: usize,
}

/// The result of a load.
pub(crate) struct Found {
    pub(crate) requests: u64,
    pub(crate) per_second: f64,
    /// In microseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

pub(crate) fn available() -> bool {
    Command::new("wrk").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

impl Load {
    pub(crate) fn new(scratch: &Path, delivery: &Delivery, connections: usize) -> Self {
        let (script, body) = (scratch.join("request.lua"), scratch.join("body.json"));
        std::fs::write(&body, &delivery.body).expect("a place for the body");
        // The last function's line is what `run` reads.
        let lua = format!(
            r#"wrk.method = "POST"
wrk.path = "/webhook"
local file = io.open("{}", "rb")
wrk.body = file:read("*a")
file:close()
wrk.headers["User-Agent"] = "Aghanim/0.1.0"
wrk.headers["Accept"] = "*/*"
wrk.headers["Accept-Encoding"] = "gzip, deflate"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["X-Aghanim-Signature"] = "{}"
wrk.headers["X-Aghanim-Signature-Timestamp"] = "{}"
function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("found %d %d %d %f %f\n", summary.requests, summary.duration, failed,
    latency:percentile(50), latency:percentile(99)))
end
"#,
            body.display(),
            delivery.signature,
            delivery.timestamp
        );
        std::fs::write(&script, lua).expect("a place for the script");
        Self { script, connections }
    }

    /// Loads one server from core 1.
    pub(crate) fn run(&self, server: &Server, time: Duration) -> Found {
        let output = Command::new("taskset")
            .args(["-c", "1", "wrk", "-t1", "--timeout", "10s"])
            .arg(format!("-c{}", self.connections))
            .arg(format!("-d{}s", time.as_secs()))
            .arg("-s")
            .arg(&self.script)
            .arg(format!("http://127.0.0.1:{}/webhook", server.port))
            .output()
            .expect("wrk runs");
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().find_map(|line| line.strip_prefix("found ")).unwrap_or_else(|| panic!("wrk: {text}"));
        let numbers: Vec<f64> = line.split(' ').map(|number| number.parse().expect("a number")).collect();
        let [requests, microseconds, failed, p50, p99] = numbers[..] else { panic!("wrk: {line}") };
        assert!(failed == 0.0, "{}: {failed} of {requests} requests failed; every answer must be a 2xx", server.name);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let count = requests as u64;
        Found { requests: count, per_second: requests / (microseconds / 1e6), p50, p99 }
    }
}
