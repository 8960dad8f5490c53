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

    async fn gems(&self) -> Value {
        let verified = self.send(&envelope("player.verify", &json!({"player_id": "2D2R-OP3C"}))).await;
        verified.json()["balances"][0].take()
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
    // What Aghanim adds is answered too.
    let answer = backend.send(&envelope("guild.joined", &json!({}))).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"status": "ok"})));
}

#[tokio::test]
async fn items_are_granted_once_and_only_for_live_purchases() {
    let backend = Backend::start();
    let grant = |key: &str, sandbox: bool| {
        let gems = json!({"id": "itm_1", "sku": "gems", "name": "Gems", "quantity": 100});
        let mut grant = envelope("item.add", &json!({"player_id": "2D2R-OP3C", "items": [gems]}));
        grant["idempotency_key"] = json!(key);
        grant["sandbox"] = json!(sandbox);
        grant
    };
    assert_eq!(backend.gems().await, json!({"sku": "gems", "amount": 40}));
    for (key, sandbox, status, amount) in
        [("k1", false, 200, 140), ("k1", false, 200, 140), ("k2", true, 400, 140), ("k2", false, 200, 240)]
    {
        let answer = backend.send(&grant(key, sandbox)).await;
        assert_eq!(answer.status, status, "{key}, sandbox {sandbox}: {}", answer.json());
        assert_eq!(backend.gems().await["amount"], amount, "{key}, sandbox {sandbox}");
    }
    let mut take = grant("k3", false);
    take["event_type"] = json!("item.remove");
    take["event_data"]["items"][0]["quantity"] = json!(1000);
    assert_eq!(backend.send(&take).await.status, 200);
    assert_eq!(backend.gems().await["amount"], 0);
}

#[tokio::test]
async fn each_refusal_has_its_events_shape() {
    let backend = Backend::start();
    let items = json!([{"id": "itm_1", "sku": "gems", "name": "Gems", "quantity": 1}]);
    for (event, status, code) in [
        ("player.verify", 404, "not_found"),
        ("player.lookup", 200, "not_found"),
        ("player.update", 200, "not_found"),
        ("store.get", 404, "not_found"),
        ("item.add", 400, "declined"),
        ("item.remove", 404, "not_found"),
    ] {
        let answer = backend.send(&envelope(event, &json!({"player_id": "nobody", "items": items}))).await;
        let expected = json!({"status": "error", "code": code, "message": "no such player"});
        assert_eq!((answer.status, answer.json()), (status, expected), "{event}");
    }
}

#[tokio::test]
async fn both_players_exist_and_what_is_learnt_of_them_is_kept() {
    let backend = Backend::start();
    let verify = |player: &str| envelope("player.verify", &json!({"player_id": player}));
    for (player, name) in [("testplayer", "Test Player"), ("2D2R-OP3C", "Ayla")] {
        assert_eq!(backend.send(&verify(player)).await.json()["name"], name);
    }
    let update = envelope("player.update", &json!({"player_id": "testplayer", "name": "Tess"}));
    assert_eq!(backend.send(&update).await.status, 200);
    let pass = json!({"status": "canceled", "player_id": "testplayer", "effective_until": 4_102_444_800_i64});
    assert_eq!(backend.send(&envelope("subscription.deactivated", &pass)).await.status, 200);
    let mut fraud = fixtures::envelope("fraud.reported", Kind::Full);
    fraud["event_data"]["player_id"] = json!("testplayer");
    assert_eq!(backend.send(&fraud).await.status, 200);

    let verified = backend.send(&verify("testplayer")).await.json();
    let learnt = (&verified["name"], &verified["banned"], &verified["segments"]);
    assert_eq!(learnt, (&json!("Tess"), &json!(true), &json!(["season_pass"])));
}

#[tokio::test]
async fn it_stops_when_told_to() {
    let mut backend = Backend::start();
    assert_eq!(backend.gems().await["amount"], 40);
    let pid = backend.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let status = tokio::task::spawn_blocking(move || backend.child.wait().unwrap()).await.unwrap();
    assert!(status.success(), "{status}");
}
