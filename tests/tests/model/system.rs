//! A store on which the steps of a sequence are taken, and compared with the reference.

use std::marker::PhantomData;
use std::time::{Duration, Instant};

use aghanim_hooks::idempotency::{Claim, Claimed, Fingerprint, Key, StoreError, StoredAnswer, Transaction};
use aghanim_hooks_tests::polls::{Dropped, poll_and_drop};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};
use tokio::runtime::Runtime;

use super::reference::{LEASE, Reference};
use super::sequence::{OfKind, Sequence, Step, Wait};
use super::store::Store;

/// A store, the reference, and what the sequence has in hand.
pub(crate) struct System<K> {
    /// Dropped first, so that what belongs to the runtime is dropped inside it.
    inner: Option<Inner>,
    runtime: Runtime,
    kind: PhantomData<K>,
}

struct Inner {
    store: Store,
    reference: Reference,
    claims: Vec<(u8, Claim)>,
    open: Option<Open>,
    answers: usize,
}

struct Open {
    key: u8,
    transaction: Box<dyn Transaction>,
    writes: i64,
    /// Its connection is lost, or a statement failed: it cannot be committed.
    failed: bool,
}

impl<K: OfKind> StateMachineTest for System<K> {
    type SystemUnderTest = Self;
    type Reference = Sequence<K>;

    fn init_test(_: &<Self::Reference as ReferenceStateMachine>::State) -> Self {
        Self::new()
    }

    fn apply(mut system: Self, _: &<Self::Reference as ReferenceStateMachine>::State, step: Step) -> Self {
        system.take(step);
        system
    }

    fn teardown(system: Self, _: <Self::Reference as ReferenceStateMachine>::State) {
        system.end();
    }
}

impl<K: OfKind> System<K> {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let store = runtime.block_on(Store::new(K::KIND));
        let inner = Inner { store, reference: Reference::new(), claims: Vec::new(), open: None, answers: 0 };
        Self { inner: Some(inner), runtime, kind: PhantomData }
    }

    /// Takes these steps, one after the other.
    pub(crate) fn run(steps: impl IntoIterator<Item = Step>) {
        let mut system = Self::new();
        for step in steps {
            system.take(step);
        }
        system.end();
    }

    fn take(&mut self, step: Step) {
        let inner = self.inner.as_mut().expect("a system in use");
        self.runtime.block_on(inner.take(step));
    }

    /// Drops what is open, and compares every key once more.
    fn end(mut self) {
        self.take(Step::Drop);
        for key in 0..3 {
            self.take(Step::Lookup(key));
        }
    }
}

impl<K> Drop for System<K> {
    fn drop(&mut self) {
        let _inside = self.runtime.enter();
        self.inner = None;
    }
}

impl Inner {
    async fn take(&mut self, step: Step) {
        match step {
            Step::Lookup(key) => self.lookup(key).await,
            Step::Claim(key, wait) => self.claim(key, wait).await,
            Step::Complete(claim, wait) => self.complete(claim, wait).await,
            Step::Release(claim, wait) => self.release(claim, wait).await,
            Step::Begin(key, wait) => self.begin(key, wait).await,
            Step::Write => self.write().await,
            Step::Commit(wait) => self.commit(wait).await,
            Step::Refuse(wait) => self.refuse(wait).await,
            Step::Rollback(wait) => self.rollback(wait).await,
            Step::Drop => {
                if let Some(open) = self.open.take() {
                    drop(open);
                    self.store.settle().await;
                }
            }
            Step::Prune => match self.store.prune().await {
                // Everything is young, whatever the clock says.
                Ok(pruned) => assert_eq!(pruned, 0, "a young answer was removed"),
                Err(error) => self.reference.expect_error(&error.to_string()),
            },
            Step::Jump(minutes) => {
                self.store.jump(minutes).await;
                self.reference.jump(minutes);
            }
            Step::LoseConnections => {
                self.store.lose_connections().await;
                self.reference.may_fail = true;
                if let Some(open) = &mut self.open {
                    open.failed = true;
                }
            }
        }
    }

    async fn lookup(&mut self, key: u8) {
        match self.store.get().lookup(&name(key)).await {
            Ok(record) => {
                let answer = record.map(|record| String::from_utf8(record.answer.body.to_vec()).unwrap());
                self.reference.looked_up(key, answer.as_deref());
            }
            Err(error) => self.reference.expect_error(&error.to_string()),
        }
        if let Some(effects) = self.store.effects(key).await {
            self.reference.counted(key, effects);
        }
    }

    async fn claim(&mut self, key: u8, wait: Wait) {
        let claim = new_claim(key);
        self.claims.push((key, claim.clone()));
        match waited(self.store.get().claim(&claim), wait).await {
            Some(Ok(outcome)) => self.reference.claimed(key, claim.owner, &outcome),
            unknown => {
                self.unknown(unknown).await;
                self.reference.may_be_claimed(key, claim.owner);
            }
        }
    }

    async fn complete(&mut self, claim: usize, wait: Wait) {
        let Some((key, claim)) = self.chosen(claim) else { return };
        let (answer, text) = self.answer(200);
        match waited(self.store.get().complete(&claim, &answer), wait).await {
            Some(Ok(kept)) => self.reference.completed(key, claim.owner, &text, kept),
            unknown => {
                self.unknown(unknown).await;
                self.reference.may_be_completed(key, claim.owner, &text);
            }
        }
    }

    async fn release(&mut self, claim: usize, wait: Wait) {
        let Some((key, claim)) = self.chosen(claim) else { return };
        match waited(self.store.get().release(&claim), wait).await {
            Some(Ok(())) => self.reference.released(key, claim.owner),
            unknown => {
                self.unknown(unknown).await;
                self.reference.may_be_released(key, claim.owner);
            }
        }
    }

    async fn begin(&mut self, key: u8, wait: Wait) {
        let claim = new_claim(key);
        match waited(self.store.get().begin(&claim), wait).await {
            Some(Ok(outcome)) => {
                let mut opened = None;
                let outcome = outcome.map(|transaction| opened = Some(transaction));
                self.reference.begun(key, &outcome);
                // A sequence that did not wait has nothing that could end it.
                if let (Some(transaction), Wait::ToTheEnd) = (opened, wait) {
                    self.open = Some(Open { key, transaction, writes: 0, failed: false });
                }
                if self.open.is_none() {
                    self.store.settle().await;
                }
            }
            unknown => {
                self.unknown(unknown).await;
                self.reference.may_have_been_looked_at(key);
            }
        }
    }

    async fn write(&mut self) {
        let Some(open) = &mut self.open else { return };
        match self.store.write(&mut *open.transaction, open.key).await {
            Ok(written) => open.writes += i64::from(written),
            Err(error) => {
                self.reference.expect_error(&error.to_string());
                open.failed = true;
            }
        }
    }

    async fn commit(&mut self, wait: Wait) {
        let Some(Open { key, transaction, writes, failed }) = self.open.take() else { return };
        let (answer, text) = self.answer(200);
        match waited(transaction.commit(&answer), wait).await {
            Some(Ok(())) => {
                assert!(!failed, "a transaction was committed that had lost its connection");
                self.reference.committed(key, &text, writes);
            }
            unknown => {
                self.unknown(unknown).await;
                if !failed {
                    self.reference.may_be_committed(key, &text, writes);
                }
            }
        }
    }

    async fn refuse(&mut self, wait: Wait) {
        let Some(Open { key, transaction, .. }) = self.open.take() else { return };
        let (answer, text) = self.answer(400);
        match waited(transaction.refuse(&answer), wait).await {
            Some(Ok(Claimed::Mine(()))) => self.reference.committed(key, &text, 0),
            Some(Ok(outcome)) => self.reference.begun(key, &outcome),
            unknown => {
                self.unknown(unknown).await;
                self.reference.may_be_committed(key, &text, 0);
            }
        }
    }

    async fn rollback(&mut self, wait: Wait) {
        let Some(Open { transaction, .. }) = self.open.take() else { return };
        if let Some(Err(error)) = waited(transaction.rollback(), wait).await {
            self.reference.expect_error(&error.to_string());
        }
        self.store.settle().await;
    }

    /// The operation was dropped, or failed. Waits until it is certain whether it was done.
    async fn unknown<T>(&mut self, outcome: Option<Result<T, StoreError>>) {
        if let Some(Err(error)) = outcome {
            self.reference.expect_error(&error.to_string());
        }
        self.store.settle().await;
    }

    fn chosen(&self, claim: usize) -> Option<(u8, Claim)> {
        let count = self.claims.len();
        // The last ones are the interesting ones.
        (count > 0).then(|| self.claims[count - 1 - claim % count.min(4)].clone())
    }

    /// A new answer, unlike all others.
    fn answer(&mut self, status: u16) -> (StoredAnswer, String) {
        self.answers += 1;
        let text = format!("answer {}", self.answers);
        (StoredAnswer::new(status, b"application/json", text.clone()).unwrap(), text)
    }
}

/// `None` if the future was dropped before its end.
async fn waited<F: Future>(future: F, wait: Wait) -> Option<F::Output> {
    match wait {
        Wait::ToTheEnd => Some(future.await),
        Wait::Polls(polls) => poll_and_drop(future, polls, Dropped::AtOnce).await,
    }
}

fn name(key: u8) -> Key {
    Key::new("gm_1", false, "item.add", format!("key {key}"))
}

fn new_claim(key: u8) -> Claim {
    let lease = Duration::from_mins(LEASE.unsigned_abs());
    Claim::new(name(key), Fingerprint::new(b"{}"), lease, Instant::now() + Duration::from_secs(10))
}
