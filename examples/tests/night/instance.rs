//! A process of the example, and the requests of its operators.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use aghanim_hooks_tests::{Request, Response, samples};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

/// The longest wait for a process. A slower one has a fault.
const LONG: Duration = Duration::from_secs(30);

pub(crate) struct Instance {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) operators: SocketAddr,
}

/// The samples of a process, by name and labels.
pub(crate) type Samples = BTreeMap<String, f64>;

impl Instance {
    /// Starts a process, and waits until it listens. Its log goes to a file.
    pub(crate) async fn start(database: &str, secrets: &Path, log: &Path) -> Self {
        let log = std::fs::File::options().create(true).append(true).open(log).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_production"))
            .env("DATABASE_URL", database)
            .env("AGHANIM_SECRETS_FILE", secrets)
            .env("LISTEN", "127.0.0.1:0")
            .env("ADMIN_LISTEN", "127.0.0.1:0")
            .env("TIMEOUT", "4")
            .env("DRAIN", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut listens = async || {
            let line = timeout(LONG, lines.next_line()).await.expect("it starts in time").unwrap();
            let line = line.expect("it ended before it listened: see its log");
            let at = line.find("127.0.0.1:").expect("an address");
            line[at..].trim_end_matches("/webhook").parse::<SocketAddr>().unwrap()
        };
        let (address, operators) = (listens().await, listens().await);
        let instance = Self { child, address, operators };
        while instance.ready().await != Some(200) {
            sleep(Duration::from_millis(20)).await;
        }
        instance
    }

    pub(crate) async fn signal(&self, name: &str) {
        let pid = self.child.id().expect("it runs").to_string();
        assert!(Command::new("kill").arg(format!("-{name}")).arg(pid).status().await.unwrap().success());
    }

    pub(crate) async fn ended(&mut self) -> ExitStatus {
        timeout(LONG, self.child.wait()).await.expect("it ends in time").unwrap()
    }

    /// The status of its readiness, if it answers.
    pub(crate) async fn ready(&self) -> Option<u16> {
        ready(self.address).await
    }

    /// Sends a request of an operator.
    pub(crate) async fn operate(&self, method: &str, path: &str) -> Response {
        Request::post("").method(method).path(path).send(self.operators).await.unwrap()
    }

    /// The metrics of now, unless it has ended.
    pub(crate) async fn samples(&self) -> Option<Samples> {
        let metrics = Request::post("").method("GET").path("/metrics").send(self.operators).await.ok()?;
        Some(samples(std::str::from_utf8(&metrics.body).unwrap()))
    }
}

/// The status of a process' readiness, as a load balancer asks for it.
pub(crate) async fn ready(address: SocketAddr) -> Option<u16> {
    let asked = Request::post("").method("GET").path("/ready");
    let answer = timeout(Duration::from_secs(3), asked.send(address)).await.ok()?.ok()?;
    Some(answer.status)
}

/// The sum of the samples whose name begins so, and whose labels include these.
pub(crate) fn sum(samples: &[Samples], name: &str, labels: &[&str]) -> u64 {
    let of_one = |samples: &Samples| -> f64 {
        let matching =
            samples.iter().filter(|(key, _)| key.starts_with(name) && labels.iter().all(|label| key.contains(label)));
        matching.map(|(_, value)| value).sum()
    };
    let sum: f64 = samples.iter().map(of_one).sum();
    // A counter is a whole number, and the sum of none is minus zero.
    format!("{:.0}", sum.abs()).parse().unwrap()
}
