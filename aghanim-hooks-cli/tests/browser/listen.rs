//! The command under test, and its API as a script would use it.

use std::fmt::Display;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::thread;

use aghanim_hooks::Secret;
use aghanim_hooks_tests::{Request, Response, signed};
use serde_json::{Value, json};

/// The secret of the command and of the receivers.
pub(crate) const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";

pub(crate) fn secret() -> Secret {
    Secret::new(SECRET).unwrap()
}

/// `aghanim-hooks listen`, until it is dropped.
pub(crate) struct Listen {
    process: Child,
    pub(crate) deliveries: SocketAddr,
    pub(crate) page: SocketAddr,
    pub(crate) token: String,
}

impl Listen {
    /// Starts the command on free ports, without a history on disk. It answers by itself.
    pub(crate) fn alone() -> Self {
        Self::start(&[])
    }

    /// Starts the command in front of a receiver.
    pub(crate) fn before(receiver: impl Display) -> Self {
        Self::start(&["--forward", &format!("http://{receiver}/webhook")])
    }

    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(snapbox::cmd::cargo_bin!("aghanim-hooks"))
            .args(["listen", "--json", "--ephemeral", "--port", "0", "--page-port", "0"])
            .args(arguments)
            .env("AGHANIM_WEBHOOK_SECRET", SECRET)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut first = String::new();
        output.read_line(&mut first).unwrap();
        // The pipe is read to its end, so that the command never waits for it.
        thread::spawn(move || output.lines().map_while(Result::ok).for_each(drop));
        let line: Value = serde_json::from_str(&first).unwrap_or_else(|error| panic!("{error} in {first:?}"));
        let [deliveries, page] =
            ["deliveries", "page"].map(|name| line["listening"][name].as_str().unwrap().to_owned());
        let (page, token) = page.split_once("/#token=").unwrap();
        let address = |url: &str| url.trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
        Self { process, deliveries: address(&deliveries), page: address(page), token: token.to_owned() }
    }

    /// The address that the command prints for a browser, with a query string.
    pub(crate) fn url(&self, query: &str) -> String {
        format!("http://{}/{query}#token={}", self.page, self.token)
    }

    /// Ends the command, as Ctrl+C does for the page.
    pub(crate) fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Calls the API with the token.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Response {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let request = Request::post(body).method(method).path(path);
        let request = request.header("Content-Type", "application/json");
        request.header("Authorization", format!("Bearer {}", self.token)).send(self.page).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.call("GET", path, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    /// The newest delivery, in full.
    pub(crate) async fn newest(&self) -> Value {
        let list = self.get("/api/deliveries?limit=1").await;
        self.delivery(list["deliveries"][0]["id"].as_i64().expect("a delivery")).await
    }

    pub(crate) async fn delivery(&self, id: i64) -> Value {
        self.get(&format!("/api/deliveries/{id}")).await
    }

    /// The number of recorded deliveries.
    pub(crate) async fn count(&self) -> u64 {
        self.get("/api/deliveries?limit=1").await["total"].as_u64().unwrap()
    }

    /// Sends a signed delivery, as Aghanim would.
    pub(crate) async fn deliver(&self, event: &str, key: &str, data: Value) -> Response {
        let body = json!({ "event_id": format!("whevt_{key}"), "event_type": event, "idempotency_key": key, "event_data": data });
        self.send(&signed(&secret(), body.to_string())).await
    }

    /// Sends any request to the address for deliveries.
    pub(crate) async fn send(&self, request: &Request) -> Response {
        request.send(self.deliveries).await.unwrap()
    }
}

impl Drop for Listen {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The data of an `item.add` for a player.
pub(crate) fn items(player: &str) -> Value {
    json!({ "player_id": player, "items": [{ "id": "itm_1", "sku": "gems_100", "name": "100 gems", "quantity": 1 }] })
}
