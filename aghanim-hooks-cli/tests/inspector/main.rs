//! `aghanim-hooks listen` as a process: real senders, real receivers, real sockets.

mod api;
mod chaos;
mod closed;
mod history;
mod own_answers;
mod proxy;
mod recorded;
mod terminal;

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use aghanim_hooks::Secret;
use aghanim_hooks_tests::receiver::{Flaw, receiver};
use aghanim_hooks_tests::{Request, Response, Server, signed};
use serde_json::{Value, json};

const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";

/// The time that a test waits for something that should happen at once.
const PATIENCE: Duration = Duration::from_secs(20);

fn secret() -> Secret {
    Secret::new(SECRET).unwrap()
}

/// A receiver on a free port, and its URL.
async fn receiver_with(flaw: Option<Flaw>) -> (Server, String) {
    let server = Server::start(receiver(secret(), flaw)).await.unwrap();
    let url = format!("http://{}/webhook", server.address());
    (server, url)
}

/// An inspector as a process of its own.
struct Inspector {
    child: Child,
    deliveries: SocketAddr,
    page: SocketAddr,
    token: String,
    lines: mpsc::Receiver<String>,
}

/// The command, with JSON lines, free ports and the secret in its usual variable.
fn listen(arguments: &[&str]) -> Command {
    let mut command = Command::new(snapbox::cmd::cargo_bin!("aghanim-hooks"));
    command
        .args(["listen", "--port", "0", "--page-port", "0", "--json"])
        .args(arguments)
        .env("AGHANIM_WEBHOOK_SECRET", SECRET)
        .env("NO_COLOR", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

impl Inspector {
    /// Starts one whose history is in memory.
    fn start(arguments: &[&str]) -> Self {
        Self::of(listen(&[&["--ephemeral"], arguments].concat()))
    }

    /// Starts one with a history in this file.
    fn with_history(file: &Path, arguments: &[&str]) -> Self {
        Self::of(listen(&[&["--history", file.to_str().unwrap()], arguments].concat()))
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let Ok(first) = lines.recv_timeout(PATIENCE) else {
            let output = child.wait_with_output().unwrap();
            panic!("it does not listen: {}", String::from_utf8_lossy(&output.stderr));
        };
        let first: Value = serde_json::from_str(&first).unwrap();
        let address = |url: &Value| {
            let url = url.as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
            url.split('/').next().unwrap().parse().unwrap()
        };
        let page = first["listening"]["page"].as_str().unwrap();
        let token = page.split("#token=").nth(1).unwrap().to_owned();
        let (deliveries, page) = (address(&first["listening"]["deliveries"]), address(&first["listening"]["page"]));
        Self { child, deliveries, page, token, lines }
    }

    /// Sends a signed event, and returns the answer.
    async fn deliver(&self, event: &Value) -> Response {
        signed(&secret(), event.to_string()).send(self.deliveries).await.unwrap()
    }

    /// Asks the API.
    async fn ask(&self, method: &str, path: &str, body: &Value) -> Response {
        Request::post(body.to_string())
            .method(method)
            .path(path)
            .header("Authorization", format!("Bearer {}", self.token))
            .header("Content-Type", "application/json")
            .send(self.page)
            .await
            .unwrap()
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, &json!({})).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.ask("POST", path, &body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    async fn set_chaos(&self, chaos: Value) {
        let answer = self.ask("PUT", "/api/chaos", &chaos).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// The deliveries, newest first.
    async fn deliveries(&self) -> Vec<Value> {
        self.get("/api/deliveries").await["deliveries"].as_array().unwrap().clone()
    }

    /// The newest delivery in full, once it is answered or has failed.
    async fn latest(&self) -> Value {
        let id = self.deliveries().await[0]["id"].as_i64().unwrap();
        self.ended(id).await
    }

    /// A delivery in full, once it is answered or has failed.
    async fn ended(&self, id: i64) -> Value {
        until(async || {
            let detail = self.get(&format!("/api/deliveries/{id}")).await;
            (!detail["status"].is_null() || !detail["failure"].is_null()).then_some(detail)
        })
        .await
    }

    /// The verdict, once there is one that is not waiting for a delivery.
    async fn verdict(&self) -> Value {
        until(async || {
            let verdict = self.get("/api/status").await["verdict"].clone();
            (verdict["event"].is_string()).then_some(verdict)
        })
        .await
    }

    /// The next line about this, such as `delivery`.
    fn line(&self, about: &str) -> Value {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no line about {about}"));
            let line: Value = serde_json::from_str(&line).unwrap();
            if let Some(value) = line.get(about) {
                return value.clone();
            }
        }
    }

    /// The exit status, once the process has ended by itself.
    fn exit(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(started.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Kills the process at once, as `kill -9` does.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Inspector {
    fn drop(&mut self) {
        // It may have ended by now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks until there is an answer.
async fn until<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(started.elapsed() < PATIENCE, "it does not happen");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The sample of `item.add`, under this key, for the player that the receiver knows.
fn item_add(key: &str) -> Value {
    let mut event = aghanim_hooks::testing::sample_request("item.add").unwrap();
    event["event_id"] = json!(format!("whevt_{key}"));
    event["idempotency_key"] = json!(key);
    event["event_data"]["player_id"] = json!("2D2R-OP3C");
    event
}
