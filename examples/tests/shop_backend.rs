//! The shop's backend as a process of its own: every event of the catalogue is sent to it, signed, over a socket.
#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use aghanim_hooks::Secret;
use aghanim_hooks::events::catalogue::CATALOGUE;
use aghanim_hooks_tests::fixtures::{self, Kind};
use aghanim_hooks_tests::{Response, signed};
use serde_json::{Value, json};

const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";

struct Backend {
    child: Child,
    address: SocketAddr,
}

impl Backend {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_shop_backend"))
            .env("PORT", "0")
            .env("AGHANIM_WEBHOOK_SECRET", SECRET)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let curl = lines.find(|line| line.starts_with("curl")).expect("it prints where it listens");
        let address = curl.split("http://").nth(1).unwrap().split('/').next().unwrap().parse().unwrap();
        // The rest of its output must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    async fn send(&self, envelope: &Value) -> Response {
        signed(&Secret::new(SECRET).unwrap(), envelope.to_string()).send(self.address).await.unwrap()
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        // It has usually ended by now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn envelope(event: &str, data: &Value) -> Value {
    json!({"event_type": event, "event_data": data})
}

#[tokio::test]
async fn every_event_is_answered() {
    let backend = Backend::start();
    for event in CATALOGUE {
        for kind in Kind::ALL {
            let mut envelope = fixtures::envelope(event.name, kind);
            // Each kind under a key of its own, so that none is taken for a repetition.
            envelope["idempotency_key"] = json!(format!("{}, {kind:?}", event.name));
            let answer = backend.send(&envelope).await;
            let body = answer.json();
            assert_eq!(answer.status, 200, "{}, {kind:?}: {body}", event.name);
            match event.name {
                "player.verify" => {
                    assert_eq!(body["player_id"], "2D2R-OP3C");
                    assert!(body["name"].is_string() && body["attributes"].is_object(), "{body}");
                }
                "player.lookup" if [Kind::Minimal, Kind::Nulls].contains(&kind) => {
                    let nobody = json!({"status": "error", "code": "not_found", "message": "no such player"});
                    assert_eq!(body, nobody);
                }
                "player.lookup" => {
                    assert_eq!(
                        (&body["status"], &body["data"][0]["player"]["account_id"]),
                        (&json!("ok"), &json!("A-20871"))
                    );
                }
                "store.get" => assert_eq!(body["items"][0]["sku"], "gems_100"),
                _ => assert_eq!(body, json!({"status": "ok"}), "{}, {kind:?}", event.name),
            }
        }
    }
    // An event that Aghanim adds later is answered too.
    let answer = backend.send(&envelope("guild.joined", &json!({}))).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"status": "ok"})));
}

#[tokio::test]
async fn it_stops_when_told_to() {
    let mut backend = Backend::start();
    // Once it has answered, it listens for signals too.
    assert_eq!(backend.send(&envelope("player.verify", &json!({"player_id": "2D2R-OP3C"}))).await.status, 200);
    let pid = backend.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let status = tokio::task::spawn_blocking(move || backend.child.wait().unwrap()).await.unwrap();
    assert!(status.success(), "{status}");
}
