//! Aghanim, strangers, and the load balancer between them and the processes.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aghanim_hooks::Secret;
use aghanim_hooks_tests::exactly_once::{History, Observed};
use aghanim_hooks_tests::{Request, Response, signed};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::instance::ready;

/// The number of purchases at once, and the pause before each is sent again.
const SENDERS: u64 = 6;
const AGAIN: Duration = Duration::from_millis(60);

/// The answers that the senders have received.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Answers of each kind.
    pub(crate) purchases_accepted: AtomicU64,
    pub(crate) purchases_put_off: AtomicU64,
    pub(crate) purchases_paused: AtomicU64,
    pub(crate) players_verified: AtomicU64,
    pub(crate) players_put_off: AtomicU64,
    pub(crate) strangers_refused: AtomicU64,
    /// Connections that were opened and gave no answer: the process may have counted them or not.
    pub(crate) unanswered: AtomicU64,
}

impl Counts {
    pub(crate) fn answers(&self) -> u64 {
        let all = [
            &self.purchases_accepted,
            &self.purchases_put_off,
            &self.purchases_paused,
            &self.players_verified,
            &self.players_put_off,
            &self.strangers_refused,
        ];
        all.into_iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }
}

pub(crate) struct World {
    /// The processes that the load balancer may send to.
    pub(crate) instances: Mutex<Vec<SocketAddr>>,
    /// Those that were ready when it last asked.
    ready: Mutex<Vec<SocketAddr>>,
    /// The secret that Aghanim signs with.
    pub(crate) secret: Mutex<Secret>,
    pub(crate) history: Mutex<History>,
    pub(crate) counts: Counts,
    keys: AtomicU64,
    stop: AtomicBool,
    /// No request is begun while this is set.
    pub(crate) quiet: AtomicBool,
}

impl World {
    pub(crate) fn new(instance: SocketAddr, secret: Secret) -> Arc<Self> {
        Arc::new(Self {
            instances: Mutex::new(vec![instance]),
            ready: Mutex::default(),
            secret: Mutex::new(secret),
            history: Mutex::default(),
            counts: Counts::default(),
            keys: AtomicU64::new(0),
            stop: AtomicBool::new(false),
            quiet: AtomicBool::new(false),
        })
    }

    /// Starts the load balancer, and everybody who sends.
    pub(crate) fn begin(self: &Arc<Self>) -> Vec<JoinHandle<()>> {
        let mut tasks = vec![tokio::spawn(balance(Arc::clone(self)))];
        for _ in 0..SENDERS {
            tasks.push(tokio::spawn(buy(Arc::clone(self))));
        }
        tasks.push(tokio::spawn(log_in(Arc::clone(self))));
        tasks.push(tokio::spawn(intrude(Arc::clone(self))));
        tasks
    }

    /// Lets every purchase that was begun get its answer, and ends.
    pub(crate) async fn end(&self, tasks: Vec<JoinHandle<()>>) {
        self.stop.store(true, Ordering::Relaxed);
        for task in tasks {
            timeout(Duration::from_mins(1), task).await.expect("all is answered in time").unwrap();
        }
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    async fn send(&self, request: &Request) -> Option<Response> {
        while self.quiet.load(Ordering::Relaxed) {
            sleep(Duration::from_millis(5)).await;
        }
        let target = {
            let ready = self.ready.lock().unwrap();
            // While none is ready, deliveries still arrive somewhere.
            let all = self.instances.lock().unwrap();
            let choices = if ready.is_empty() { &*all } else { &*ready };
            choices[usize::try_from(self.keys.load(Ordering::Relaxed)).unwrap() % choices.len()]
        };
        match request.send(target).await {
            Ok(response) => Some(response),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => None,
            Err(_) => {
                self.counts.unanswered.fetch_add(1, Ordering::Relaxed);
                None
            }
        }
    }

    fn signed(&self, body: &str) -> Request {
        signed(&self.secret.lock().unwrap(), body)
    }
}

async fn balance(world: Arc<World>) {
    while !world.stopped() {
        let instances = world.instances.lock().unwrap().clone();
        let mut now_ready = Vec::new();
        for instance in instances {
            if ready(instance).await == Some(200) {
                now_ready.push(instance);
            }
        }
        *world.ready.lock().unwrap() = now_ready;
        sleep(Duration::from_millis(50)).await;
    }
}

/// Sends one purchase after the other, each until it is accepted, and some once more afterwards.
async fn buy(world: Arc<World>) {
    while !world.stopped() {
        let number = world.keys.fetch_add(1, Ordering::Relaxed);
        let key = format!("player{number}");
        let body = format!(
            r#"{{"event_id":"whevt_{number}","event_type":"item.add","idempotency_key":"{key}","event_data":{{"player_id":"{key}","items":[{{"id":"itm_1","sku":"gems_100","name":"100 gems","quantity":1}}]}},"context":null}}"#
        );
        world.history.lock().unwrap().sent(&key);
        let mut more = if number.is_multiple_of(3) { 2 } else { 1 };
        while more > 0 {
            let answer = world.send(&world.signed(&body)).await;
            let observed = answer.map_or(Observed::Nothing, |answer| {
                let counts = &world.counts;
                let count = match (answer.status, answer.header("retry-after")) {
                    (200..300, _) => &counts.purchases_accepted,
                    (_, Some("30")) => &counts.purchases_paused,
                    _ => &counts.purchases_put_off,
                };
                count.fetch_add(1, Ordering::Relaxed);
                assert!(matches!(answer.status, 200 | 503), "{}: {}", answer.status, answer.text());
                Observed::answer(answer)
            });
            let accepted = matches!(observed, Observed::Accepted(_));
            world.history.lock().unwrap().observe(&key, observed);
            if accepted {
                more -= 1;
            } else {
                sleep(AGAIN).await;
            }
        }
    }
}

/// A player logs in again and again, which no database is needed for.
async fn log_in(world: Arc<World>) {
    let body = r#"{"event_id":"whevt_v","event_type":"player.verify","idempotency_key":null,"event_data":{"player_id":"p"},"context":null}"#;
    while !world.stopped() {
        if let Some(answer) = world.send(&world.signed(body)).await {
            let counts = &world.counts;
            let verified = answer.status == 200;
            let count = if verified { &counts.players_verified } else { &counts.players_put_off };
            count.fetch_add(1, Ordering::Relaxed);
            assert!(matches!(answer.status, 200 | 503), "{}: {}", answer.status, answer.text());
        }
        sleep(Duration::from_millis(20)).await;
    }
}

/// A stranger signs with a secret of his own.
async fn intrude(world: Arc<World>) {
    let secret = Secret::new("whsec_of_a_stranger_4f1c9d0a").unwrap();
    while !world.stopped() {
        if let Some(answer) = world.send(&signed(&secret, r#"{"event_type":"item.add","event_data":{}}"#)).await {
            assert_eq!(answer.status, 403);
            world.counts.strangers_refused.fetch_add(1, Ordering::Relaxed);
        }
        sleep(Duration::from_millis(50)).await;
    }
}
