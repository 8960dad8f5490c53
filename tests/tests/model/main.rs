//! A model of `IdempotencyStore`: random sequences of what an endpoint, a database and a clock can do, on three stores,
//! against one reference that says which outcomes are allowed.
//!
//! `AGHANIM_STORM=10` tries ten times as many sequences. A sequence that fails is shrunk and printed. It then
//! becomes a test of its own in `named.rs`.

mod named;
mod reference;
mod sequence;
mod store;
mod system;

use aghanim_hooks_tests::exactly_once::storm_factor;
use aghanim_hooks_tests::postgres;
use proptest::prelude::ProptestConfig;
use proptest::test_runner::TestRunner;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest as _};

use sequence::{Memory, OfKind, Postgres, Sequence, Sqlite};
use system::System;

/// The number of sequences for each store, and the most steps of one.
const SEQUENCES: u32 = 40;
const STEPS: usize = 40;

fn try_sequences<K: OfKind>() {
    let config = ProptestConfig {
        cases: SEQUENCES * storm_factor(),
        failure_persistence: None,
        max_shrink_iters: 500,
        ..ProptestConfig::default()
    };
    let strategy = <Sequence<K> as ReferenceStateMachine>::sequential_strategy(1..STEPS);
    let result = TestRunner::new(config.clone()).run(&strategy, |(first, steps, seen)| {
        System::<K>::test_sequential(config.clone(), first, steps, seen);
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{:?}: {failure}", K::KIND));
}

#[test]
fn in_memory() {
    try_sequences::<Memory>();
}

#[test]
fn on_sqlite() {
    try_sequences::<Sqlite>();
}

#[test]
fn on_postgres() {
    if postgres::server().is_none() {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let shared = runtime.block_on(store::database());
    try_sequences::<Postgres>();
    drop(shared);
}
