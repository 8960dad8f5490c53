//! Sequences that the model found, shrunk.

use aghanim_hooks_tests::postgres;

use super::sequence::{OfKind, Postgres, Sqlite, Step, Wait};
use super::system::System;

/// The clock is set ahead by two months and then back by an hour. The rows' times no longer tell their age, so young
/// answers must be kept until every row is certainly old. The step back made the store forget that.
fn a_step_back_after_a_long_jump_ahead<K: OfKind>() {
    System::<K>::run([
        Step::Begin(0, Wait::ToTheEnd),
        Step::Commit(Wait::ToTheEnd),
        Step::Jump(90_000),
        Step::Prune,
        Step::Jump(-70),
        Step::Prune,
        Step::Lookup(0),
    ]);
}

#[test]
fn a_step_back_after_a_long_jump_ahead_on_sqlite() {
    a_step_back_after_a_long_jump_ahead::<Sqlite>();
}

#[test]
fn a_step_back_after_a_long_jump_ahead_on_postgres() {
    if postgres::server().is_some() {
        a_step_back_after_a_long_jump_ahead::<Postgres>();
    }
}
