//! The steps of a sequence, and the rules for their order.

use std::fmt::Debug;
use std::marker::PhantomData;

use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;

/// A store under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Memory,
    Sqlite,
    Postgres,
}

/// A store under test, as a type.
pub(crate) trait OfKind: Debug + Clone + 'static {
    const KIND: Kind;
}

#[derive(Debug, Clone)]
pub(crate) struct Memory;

#[derive(Debug, Clone)]
pub(crate) struct Sqlite;

#[derive(Debug, Clone)]
pub(crate) struct Postgres;

impl OfKind for Memory {
    const KIND: Kind = Kind::Memory;
}

impl OfKind for Sqlite {
    const KIND: Kind = Kind::Sqlite;
}

impl OfKind for Postgres {
    const KIND: Kind = Kind::Postgres;
}

/// How an operation is waited for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wait {
    ToTheEnd,
    /// Its future is dropped after so many polls.
    Polls(usize),
}

/// One step of a sequence. Keys and claims are numbers.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Lookup(u8),
    Claim(u8, Wait),
    /// By one of the claims that were made so far, whatever became of it.
    Complete(usize, Wait),
    Release(usize, Wait),
    /// Opens a transaction, if no other attempt has the key.
    Begin(u8, Wait),
    /// The handler writes its effect through the open transaction.
    Write,
    Commit(Wait),
    Refuse(Wait),
    Rollback(Wait),
    /// The open transaction is dropped.
    Drop,
    Prune,
    /// The clock of the database jumps by so many minutes.
    Jump(i64),
    /// The server closes all connections.
    LoseConnections,
}

/// The state that decides which steps may follow.
#[derive(Debug, Clone)]
pub(crate) struct Sequence<K> {
    /// True if the last `Begin` may have opened a transaction.
    may_be_open: bool,
    kind: PhantomData<K>,
}

const KEYS: u8 = 3;

fn wait() -> impl Strategy<Value = Wait> {
    prop_oneof![3 => Just(Wait::ToTheEnd), 1 => (1..8_usize).prop_map(Wait::Polls)]
}

impl<K: OfKind> ReferenceStateMachine for Sequence<K> {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self { may_be_open: false, kind: PhantomData }).boxed()
    }

    fn transitions(state: &Self) -> BoxedStrategy<Step> {
        // One writer at a time is SQLite's own rule: while a transaction is open, only its own steps are taken.
        if state.may_be_open {
            return prop_oneof![
                4 => Just(Step::Write),
                4 => wait().prop_map(Step::Commit),
                2 => wait().prop_map(Step::Refuse),
                2 => wait().prop_map(Step::Rollback),
                1 => Just(Step::Drop),
                1 => Just(Step::LoseConnections),
            ]
            .boxed();
        }
        prop_oneof![
            2 => (0..KEYS).prop_map(Step::Lookup),
            6 => (0..KEYS, wait()).prop_map(|(key, wait)| Step::Claim(key, wait)),
            4 => (any::<prop::sample::Index>(), wait()).prop_map(|(claim, wait)| Step::Complete(claim.index(64), wait)),
            3 => (any::<prop::sample::Index>(), wait()).prop_map(|(claim, wait)| Step::Release(claim.index(64), wait)),
            6 => (0..KEYS, wait()).prop_map(|(key, wait)| Step::Begin(key, wait)),
            1 => Just(Step::Prune),
            // A lease is an hour, the retention a month or more.
            3 => prop_oneof![Just(-90_000), Just(-70), Just(-10), Just(10), Just(70), Just(90_000)].prop_map(Step::Jump),
            1 => Just(Step::LoseConnections),
        ]
        .boxed()
    }

    fn preconditions(state: &Self, step: &Step) -> bool {
        match step {
            Step::Write | Step::Commit(_) | Step::Refuse(_) | Step::Rollback(_) | Step::Drop => state.may_be_open,
            Step::LoseConnections => K::KIND == Kind::Postgres,
            Step::Begin(..) | Step::Jump(_) => !state.may_be_open && K::KIND != Kind::Memory,
            _ => !state.may_be_open,
        }
    }

    fn apply(mut state: Self, step: &Step) -> Self {
        match step {
            Step::Begin(_, Wait::ToTheEnd) => state.may_be_open = true,
            Step::Commit(_) | Step::Refuse(_) | Step::Rollback(_) | Step::Drop => state.may_be_open = false,
            _ => {}
        }
        state
    }
}
