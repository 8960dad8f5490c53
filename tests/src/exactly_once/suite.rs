//! The tests that every subject must pass.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep};

use super::{Handler, Setup, Subject, Trial, Verdict, seed};

/// The number of senders that keep a subject busy.
const SENDERS: usize = 16;
/// The number of handlers that run when a process is suspended.
const STALLED: usize = 4;
/// Every second process is killed at most this long after it listens.
const LONGEST_LIFE: Duration = Duration::from_millis(60);
/// The others are killed after at most this many answers, so that even on a slow machine there is something to lose.
const MOST_ANSWERS: u64 = 16;
/// One kill in this many happens while the process is still starting.
const KILLED_AT_BIRTH: u32 = 8;
/// The longest usual start of a process.
const LONGEST_BIRTH: Duration = Duration::from_millis(40);

/// Many keys, each by many senders at once, on all processes.
///
/// # Errors
/// Returns the violations, if there are any.
pub async fn storm(subject: Subject, processes: usize, keys: usize, duplicates: usize) -> Verdict {
    let trial = Trial::start(subject, processes).await;
    trial.storm("storm", keys, duplicates).await;
    trial.settle().await
}

/// Kills one process after the other at random moments under load, and starts it again.
///
/// # Errors
/// Returns the violations, if there are any.
pub async fn crash(subject: Subject, processes: usize, kills: u32) -> Verdict {
    let mut random = fastrand::Rng::with_seed(seed("crash"));
    let mut trial = Trial::start(subject, processes).await;
    let load = trial.load(SENDERS);
    for (kill, process) in (1..=kills).zip((0..processes).cycle()) {
        if random.bool() {
            sleep(LONGEST_LIFE.mul_f64(random.f64())).await;
        } else {
            trial.answered(random.u64(1..=MOST_ANSWERS)).await;
        }
        trial.kill(process).await;
        if kill.is_multiple_of(KILLED_AT_BIRTH) {
            trial.spawn_and_kill(process, LONGEST_BIRTH.mul_f64(random.f64())).await;
        }
        trial.spawn(process).await;
    }
    load.stop().await;
    trial.settle().await
}

/// A set-up with short leases, and with a handler that is slow enough to be suspended in the middle.
#[must_use]
pub fn stalling(setup: Setup, handler: Handler) -> Setup {
    Setup { handler, timeout: Duration::from_millis(900), work: Duration::from_millis(500), fails_every: 0, ..setup }
}

/// Suspends a process in the middle of its handlers with SIGSTOP, for longer than a lease.
///
/// Another process gets the same keys meanwhile. When the first one continues, it must not change the other's claims.
///
/// # Errors
/// Returns the violations, if there are any.
pub async fn stall(subject: Subject, setup: &Setup) -> Verdict {
    let lease = 3 * setup.timeout;
    let mut trial = Trial::start(subject, 2).await;
    let keys: Vec<_> = (0..STALLED).map(|n| format!("stall-{n}")).collect();
    let now = Instant::now();
    let stalled: Vec<_> = keys.iter().map(|key| tokio::spawn(trial.ask(key, 0, now))).collect();
    sleep(setup.work / 2).await;
    trial.signal(0, "STOP").await;
    sleep(lease).await;
    // With a transaction, the suspended process keeps its keys, and these deliveries get a 503.
    let until = Instant::now() + setup.timeout;
    join_all(keys.iter().map(|key| trial.ask(key, 1, until))).await;
    trial.signal(0, "CONT").await;
    join_all(stalled).await;
    trial.settle().await
}
