//! Duplicates in one process: one leads, the others wait for its answer. If the leader fails, another one takes over.

mod once {
    mod flight {
        #![allow(clippy::pedantic, unused_qualifications, unreachable_pub, missing_docs, dead_code)]
        include!(concat!(env!("OUT_DIR"), "/flight.rs"));
    }

    pub(crate) use flight::{Flights, Joined};
}

use std::sync::Arc;

use shuttle::future::{block_on, spawn};
use shuttle::sync::atomic::{AtomicUsize, Ordering};

use crate::check;
use crate::idempotency::{Fingerprint, Key, Record, StoredAnswer};
use once::{Flights, Joined};

fn record() -> Record {
    let answer = StoredAnswer::new(200, b"application/json", "{}").expect("an answer");
    Record::new(Fingerprint::new(b"{}"), answer)
}

fn key() -> Key {
    Key::new("gm_1", false, "item.add", "k")
}

/// Delivers like `endpoint::once`, for a key whose first attempts fail.
async fn deliver(
    flights: Flights,
    fails: Arc<AtomicUsize>,
    running: Arc<AtomicUsize>,
    done: Arc<AtomicUsize>,
) -> Record {
    loop {
        match flights.join(&key()) {
            Joined::Lead(mut lead) => {
                assert_eq!(running.fetch_add(1, Ordering::SeqCst), 0, "two attempts at a time");
                shuttle::future::yield_now().await;
                let fail = fails.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
                // The store has the answer before it is published; a second attempt would find it there.
                if !fail {
                    done.fetch_add(1, Ordering::SeqCst);
                    lead.publish(record());
                }
                running.fetch_sub(1, Ordering::SeqCst);
                drop(lead);
                if !fail {
                    return record();
                }
            }
            Joined::Follow(follow) => {
                if let Some(answer) = follow.outcome().await {
                    return answer;
                }
            }
        }
    }
}

fn duplicates() {
    block_on(async {
        let (flights, running) = (Flights::default(), Arc::new(AtomicUsize::new(0)));
        let (fails, done) = (Arc::new(AtomicUsize::new(2)), Arc::new(AtomicUsize::new(0)));
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                let (flights, fails) = (flights.clone(), Arc::clone(&fails));
                spawn(deliver(flights, fails, Arc::clone(&running), Arc::clone(&done)))
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.expect("no panic"), record());
        }
        assert!(done.load(Ordering::SeqCst) >= 1);
        // No flight is left over: the next delivery leads.
        assert!(matches!(flights.join(&key()), Joined::Lead(_)));
    });
}

/// Every duplicate gets an answer, and only one attempt runs at a time, in every schedule.
#[test]
fn duplicates_wait_for_one_attempt() {
    check(1000, duplicates);
}

fn hang_ups() {
    block_on(async {
        let (flights, running) = (Flights::default(), Arc::new(AtomicUsize::new(0)));
        let (fails, done) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let deliver = || deliver(flights.clone(), Arc::clone(&fails), Arc::clone(&running), Arc::clone(&done));
        // A leader and a follower are dropped at any point.
        let dropped = [spawn(leave(flights.clone())), spawn(leave(flights.clone()))];
        let waiting = [spawn(deliver()), spawn(deliver())];
        for task in dropped {
            task.await.expect("no panic");
        }
        for task in waiting {
            assert_eq!(task.await.expect("no panic"), record());
        }
    });
}

/// Joins, waits for a moment, and hangs up.
async fn leave(flights: Flights) {
    let joined = flights.join(&key());
    shuttle::future::yield_now().await;
    drop(joined);
}

#[test]
fn duplicates_go_on_when_others_hang_up() {
    check(1000, hang_ups);
}
