//! The cost of exactly once: deliveries with a key, with and without a store.

use std::cell::Cell;
use std::time::{Duration, Instant};

use aghanim_hooks::Webhooks;
use aghanim_hooks::idempotency::{Claim, Fingerprint, IdempotencyStore, Key, MemoryStore, StoredAnswer};
use aghanim_hooks_benches::request::Delivery;
use aghanim_hooks_benches::{median, ours, samples};
use axum::extract::Request;
use axum::handler::Handler;

use crate::measure::{Subject, measure};
use crate::now;

/// The number of keys. It is small, so that the store fits in the processor's cache.
const FEW: usize = 1_000;

/// `event` under a new key each time, and under one that has been answered.
pub(crate) fn keyed(event: &str) {
    let count = Cell::new(0_u64);
    let fresh = || {
        count.set(count.get() + 1);
        Delivery::new(samples::under_key(event, &format!("ik_{:020x}", count.get()))).request()
    };
    let hooks = ours::endpoint();
    let with = |store| hooks.clone().idempotency(store);
    let (few, many) = (with(full(FEW)), with(full(MemoryStore::DEFAULT_CAPACITY)));
    let (growing, answered) = (with(MemoryStore::new().capacity(usize::MAX)), with(MemoryStore::new()));
    let duplicate = Delivery::new(samples::under_key(event, "ik_of_a_duplicate"));
    deliver(&answered, duplicate.request());

    let rounds = measure(vec![
        Subject::new("no store", fresh, |request| deliver(&hooks, request)),
        Subject::new("`MemoryStore`, full with 1 000 keys", fresh, |request| deliver(&few, request)),
        Subject::new("`MemoryStore`, full with 100 000 keys", fresh, |request| deliver(&many, request)),
        Subject::new("`MemoryStore`, growing", fresh, |request| deliver(&growing, request)),
        Subject::new("… a duplicate", || duplicate.request(), |request| deliver(&answered, request)),
    ]);
    for with in &rounds[1..] {
        let more = median(with.iter().zip(&rounds[0]).map(|(with, without)| with - without));
        print!("  {more:+.0}");
    }
    println!(" ns more than without a store (median of the rounds' differences)");
}

fn deliver(hooks: &Webhooks, request: Request) {
    let response = now(Handler::<Webhooks, ()>::call(hooks.clone(), request, ()));
    assert_eq!(response.status(), 200);
}

/// A store that has reached its capacity, as it has after so many deliveries.
fn full(capacity: usize) -> MemoryStore {
    let store = MemoryStore::new().capacity(capacity);
    let answer = StoredAnswer::new(200, b"application/json", r#"{"status":"ok"}"#).expect("an answer");
    let shared: &dyn IdempotencyStore = &store;
    for i in 0..capacity {
        let key = Key::new("gm_exTAyxPsVwh", false, "item.add", format!("ik_before_{i}"));
        let claim = Claim::new(key, Fingerprint::new(b"{}"), Duration::from_mins(1), Instant::now());
        now(shared.claim(&claim)).expect("room");
        assert!(now(shared.complete(&claim, &answer)).expect("a claim"));
    }
    store
}
