use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aghanim_hooks::Secret;
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

use super::{Behaviour, History, Observed, Summary, Violation};
use crate::{Response, signed};

/// The senders, and the history of their answers.
#[derive(Debug)]
pub(super) struct Clients {
    secret: Secret,
    /// The address of each process; `None` while it does not listen.
    addresses: Mutex<Vec<Option<SocketAddr>>>,
    book: Mutex<Book>,
    /// The timeout of a client: much longer than the endpoint's own.
    patience: Duration,
}

#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) sent: Vec<String>,
    pub(super) history: History,
    pub(super) violations: Vec<Violation>,
    pub(super) summary: Summary,
}

impl Clients {
    pub(super) fn new(secret: Secret, processes: usize, patience: Duration) -> Self {
        Self { secret, addresses: Mutex::new(vec![None; processes]), book: Mutex::default(), patience }
    }

    pub(super) fn listens(&self, process: usize, address: Option<SocketAddr>) {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)[process] = address;
    }

    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends the grant of a key to one process or another, until it gets its final answer.
    pub(super) async fn deliver(&self, key: &str, until: Instant) {
        self.book().send(key);
        let mut last = "no process was there to ask".to_owned();
        while Instant::now() < until {
            let Some(address) = self.some_address() else {
                sleep(Duration::from_millis(2)).await;
                continue;
            };
            match self.ask(key, address).await {
                Outcome::Answered => return,
                Outcome::Again(why) => last = why,
                Outcome::Wrong(violation) => return self.book().accuse(violation),
            }
            sleep(Duration::from_millis(fastrand::u64(2..20))).await;
        }
        self.book().accuse(Violation::Unanswered { key: key.to_owned(), last });
    }

    /// Sends the grant of a key, and hangs up after a moment.
    pub(super) async fn hang_up(&self, key: &str) {
        self.book().send(key);
        let Some(address) = self.some_address() else { return };
        let moment = Duration::from_micros(fastrand::u64(..5000));
        // An answer that came before that is compared like any other.
        match timeout(moment, self.ask(key, address)).await {
            Ok(Outcome::Wrong(violation)) => self.book().accuse(violation),
            Ok(Outcome::Answered | Outcome::Again(_)) => {}
            Err(_) => {
                let mut book = self.book();
                book.summary.hung_up += 1;
                book.history.observe(key, Observed::Nothing);
            }
        }
    }

    /// Sends the grant of a key once, to this process.
    pub(super) async fn ask(&self, key: &str, address: SocketAddr) -> Outcome {
        let request = signed(&self.secret, grant(key));
        let Ok(sent) = timeout(self.patience, request.send(address)).await else {
            return Outcome::Wrong(Violation::Hung { key: key.to_owned() });
        };
        let mut book = self.book();
        match sent {
            Ok(response) if !whole(&response) => {
                book.summary.cut += 1;
                book.history.observe(key, Observed::Nothing);
                Outcome::Again("half an answer".to_owned())
            }
            Ok(response) if (200..300).contains(&response.status) => {
                book.summary.answers += 1;
                book.history.observe(key, Observed::Accepted(response));
                Outcome::Answered
            }
            Ok(response) if response.status == 400 && Behaviour::of(key) == Behaviour::Refuse => {
                book.summary.refusals += 1;
                book.history.observe(key, Observed::Refused(response));
                Outcome::Answered
            }
            Ok(response) if response.status == 503 => {
                book.summary.unavailable += 1;
                book.history.observe(key, Observed::Failed);
                match response.header("retry-after").and_then(|text| text.parse::<u32>().ok()) {
                    Some(_) => Outcome::Again(response.text()),
                    None => Outcome::Wrong(Violation::NoRetryAfter { key: key.to_owned() }),
                }
            }
            Ok(response) => Outcome::Wrong(Violation::Status { key: key.to_owned(), answer: response.text() }),
            Err(error) => {
                book.summary.cut += 1;
                book.history.observe(key, Observed::Nothing);
                Outcome::Again(error.to_string())
            }
        }
    }

    pub(super) fn address(&self, process: usize) -> Option<SocketAddr> {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)[process]
    }

    fn some_address(&self) -> Option<SocketAddr> {
        let addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let listening: Vec<_> = addresses.iter().flatten().copied().collect();
        fastrand::choice(listening)
    }
}

#[derive(Debug)]
pub(super) enum Outcome {
    Answered,
    /// The reason to send it again.
    Again(String),
    Wrong(Violation),
}

impl Book {
    pub(super) fn send(&mut self, key: &str) {
        if self.history.sent(key) {
            self.sent.push(key.to_owned());
        }
    }

    pub(super) fn accuse(&mut self, violation: Violation) {
        self.violations.push(violation);
    }
}

/// The event that grants one item to the player whose name is the key.
pub(super) fn grant(key: &str) -> String {
    json!({
        "event_id": format!("whevt_{key}"),
        "event_type": "item.add",
        "event_time": 1_714_147_200,
        "game_id": "gm_1",
        "idempotency_key": key,
        "sandbox": false,
        "event_data": {
            "player_id": key,
            "items": [{ "id": "itm_1", "sku": "sword", "name": "A sword", "quantity": 1 }],
        },
        "context": null,
    })
    .to_string()
}

/// True if the process sent all of the answer.
fn whole(response: &Response) -> bool {
    response.header("content-length").is_some_and(|length| length == response.body.len().to_string())
}
