//! Signed events with absurd numbers and texts must neither take an example down nor cheat it: examples are copied.
#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aghanim_hooks::Secret;
use aghanim_hooks_tests::{Response, signed};
use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, Row as _, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";

/// Numbers that a purchase never has, and that JSON can carry.
const ABSURD: [i64; 5] = [i64::MAX, i64::MIN, -1, 0, 1 << 53];

/// An example as a process of its own, and everything it prints.
struct Example {
    child: Child,
    address: SocketAddr,
    printed: Arc<Mutex<Vec<String>>>,
}

impl Example {
    fn start(program: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(program)
            .args(arguments)
            .env("PORT", "0")
            .env("AGHANIM_WEBHOOK_SECRET", SECRET)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let curl = lines.find(|line| line.starts_with("curl")).expect("it prints where it listens");
        let address = curl.split("http://").nth(1).unwrap().split('/').next().unwrap().parse().unwrap();
        let printed = Arc::<Mutex<Vec<String>>>::default();
        let since = Arc::clone(&printed);
        std::thread::spawn(move || lines.for_each(|line| since.lock().unwrap().push(line)));
        Self { child, address, printed }
    }

    async fn send(&self, event: &str, key: &str, data: Value) -> Response {
        let envelope = json!({"event_type": event, "idempotency_key": key, "event_data": data});
        signed(&Secret::new(SECRET).unwrap(), envelope.to_string()).send(self.address).await.unwrap()
    }

    /// Adds or removes so many of one item.
    async fn change(&self, event: &str, key: &str, sku: &str, quantity: i64) -> Response {
        let item = json!({"id": "itm_1", "sku": sku, "name": "Gems", "quantity": quantity});
        self.send(event, key, json!({"player_id": "2D2R-OP3C", "items": [item]})).await
    }

    /// Everything printed so far, once `last` has been printed.
    async fn printed_up_to(&self, last: &str) -> Vec<String> {
        for _ in 0..200 {
            let printed = self.printed.lock().unwrap().clone();
            if printed.iter().any(|line| line.contains(last)) {
                return printed;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("`{last}` was not printed: {:?}", self.printed.lock().unwrap());
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn shop_backend_survives_and_keeps_its_balances_whatever_the_quantity() {
    let backend = Example::start(env!("CARGO_BIN_EXE_shop_backend"), &[]);
    for (number, quantity) in ABSURD.into_iter().enumerate() {
        for event in ["item.add", "item.remove"] {
            let answer = backend.change(event, &format!("{event} {number}"), "gems", quantity).await;
            assert_eq!(answer.status, 400, "{event} of {quantity}: {}", answer.json());
        }
        let verified = backend.send("player.verify", "", json!({"player_id": "2D2R-OP3C"})).await;
        assert_eq!(verified.status, 200, "after {quantity}");
        assert_eq!(verified.json()["balances"][0]["amount"], 40, "after {quantity}");
    }
}

#[tokio::test]
async fn shop_backend_grants_all_of_an_event_or_nothing() {
    let backend = Example::start(env!("CARGO_BIN_EXE_shop_backend"), &[]);
    let item = |quantity: i64| json!({"id": "itm_1", "sku": "gems", "name": "Gems", "quantity": quantity});
    let grant = json!({"player_id": "2D2R-OP3C", "items": [item(5), item(-5)]});
    assert_eq!(backend.send("item.add", "k", grant).await.status, 400);
    let verified = backend.send("player.verify", "", json!({"player_id": "2D2R-OP3C"})).await;
    assert_eq!(verified.json()["balances"][0]["amount"], 40);
}

#[tokio::test]
async fn exactly_once_stores_whole_numbers_only() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("game.db");
    let database = format!("sqlite:{}", file.display());
    let game = Example::start(env!("CARGO_BIN_EXE_exactly_once"), &["--database", &database]);
    assert_eq!(game.change("item.add", "good", "gems", 7).await.status, 200);
    for (number, quantity) in ABSURD.into_iter().enumerate() {
        for again in 0..2 {
            let answer = game.change("item.add", &format!("{number} {again}"), "gems", quantity).await;
            assert_eq!(answer.status, 400, "{quantity}: {}", answer.json());
        }
    }
    let mut connection = SqliteConnectOptions::new().filename(&file).connect().await.unwrap();
    let query = "SELECT typeof(quantity), quantity FROM inventory";
    let rows = sqlx::query(query).fetch_all(&mut connection).await.unwrap();
    let rows: Vec<(String, i64)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(rows, [("integer".to_owned(), 7)]);
    // Even a sum that outgrows the column is refused: SQLite would make a float of it.
    let change = "UPDATE inventory SET quantity = 9223372036854775807 + quantity";
    sqlx::query(change).execute(&mut connection).await.unwrap_err();
}

#[tokio::test]
async fn signed_texts_are_printed_on_one_short_line() {
    for program in [env!("CARGO_BIN_EXE_shop_backend"), env!("CARGO_BIN_EXE_quickstart")] {
        let example = Example::start(program, &[]);
        let forged = format!("x\n2026-01-01 forged\u{1b}[2J{}", "y".repeat(100_000));
        assert_eq!(example.change("item.add", "forged", &forged, 1).await.status, 200, "{program}");
        assert_eq!(example.change("item.add", "last", "last-item", 1).await.status, 200, "{program}");
        let printed = example.printed_up_to("last-item").await;
        assert!(printed.iter().any(|line| line.contains("forged")), "{program}: {printed:?}");
        for line in &printed {
            assert!(!line.starts_with("2026-01-01") && !line.contains('\u{1b}'), "{program}: {line:?}");
            assert!(line.len() < 1000, "{program}: a line of {} bytes", line.len());
        }
    }
}
