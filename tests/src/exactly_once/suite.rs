//! What a subject is put through, whichever it is.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep};

use super::{Handler, Setup, Subject, Trial, Verdict, seed};

/// How many senders keep a subject busy.
const SENDERS: usize = 16;
/// How many handlers a process is stopped in.
const STALLED: usize = 4;
/// Every other process that listens lives this long at most, until it is killed.
const LONGEST_LIFE: Duration = Duration::from_millis(60);
/// The others live until so many answers have come, at most: however slow the machine is, there is something to lose.
const MOST_ANSWERS: u64 = 16;
/// One kill in so many comes while the process is still starting.
const KILLED_AT_BIRTH: u32 = 8;
/// A process is up at the latest after so long, mostly.
const LONGEST_BIRTH: Duration = Duration::from_millis(40);

/// Many keys, each by many senders at once, on all processes.
///
/// # Errors
/// When the books don't add up.
pub async fn storm(subject: Subject, processes: usize, keys: usize, duplicates: usize) -> Verdict {
    let trial = Trial::start(subject, processes).await;
    trial.storm("storm", keys, duplicates).await;
    trial.settle().await
}

/// Kills one process after the other at random moments under load, and starts it again.
///
/// # Errors
/// When the books don't add up.
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

/// A set-up whose leases lapse soon, and whose handler is slow enough to be stopped in the middle.
#[must_use]
pub fn stalling(setup: Setup, handler: Handler) -> Setup {
    Setup { handler, timeout: Duration::from_millis(900), work: Duration::from_millis(500), fails_every: 0, ..setup }
}

/// Stops a process in the middle of its handlers with SIGSTOP, for longer than a lease lasts, while another process
/// gets the same keys, and lets it go on: it must not touch what has become another's.
///
/// # Errors
/// When the books don't add up.
pub async fn stall(subject: Subject, setup: &Setup) -> Verdict {
    let lease = 3 * setup.timeout;
    let mut trial = Trial::start(subject, 2).await;
    let keys: Vec<_> = (0..STALLED).map(|n| format!("stall-{n}")).collect();
    let now = Instant::now();
    let stalled: Vec<_> = keys.iter().map(|key| tokio::spawn(trial.ask(key, 0, now))).collect();
    sleep(setup.work / 2).await;
    trial.signal(0, "STOP").await;
    sleep(lease).await;
    // In a transaction, the key is held for as long as the process is, and all that these get is a 503.
    let until = Instant::now() + setup.timeout;
    join_all(keys.iter().map(|key| trial.ask(key, 1, until))).await;
    trial.signal(0, "CONT").await;
    join_all(stalled).await;
    trial.settle().await
}
