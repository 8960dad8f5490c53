//! The turn of a delivery: the batch's transaction, lent to a handler.

use std::borrow::{Borrow, BorrowMut};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::Extensions;
use sqlx::{Sqlite, SqliteConnection};
use tokio::sync::oneshot;

use super::reply::{Reply, lost};
use crate::idempotency::{BoxFuture, Claimed, PlainTransaction, StoreError, StoredAnswer, Transaction, Tx};

/// The transaction of a batch.
pub(super) type Shared = sqlx::Transaction<'static, Sqlite>;

/// A batch's transaction while a delivery has it. Its drop, wherever that happens, returns it to the writer.
struct Lent {
    shared: Option<Shared>,
    home: Option<oneshot::Sender<Shared>>,
    returned: Arc<AtomicBool>,
}

const LENT: &str = "the transaction is taken only by the drop";

impl Deref for Lent {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        self.shared.as_ref().expect(LENT)
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.shared.as_mut().expect(LENT)
    }
}

impl Borrow<Shared> for Lent {
    fn borrow(&self) -> &Shared {
        self.shared.as_ref().expect(LENT)
    }
}

impl BorrowMut<Shared> for Lent {
    fn borrow_mut(&mut self) -> &mut Shared {
        self.shared.as_mut().expect(LENT)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.returned.store(true, Ordering::Release);
        if let (Some(home), Some(shared)) = (self.home.take(), self.shared.take()) {
            // If the writer has ended, the transaction is dropped here, and rolls back.
            drop(home.send(shared));
        }
    }
}

/// The end of a turn that holds a claim. A turn without an end is undone.
pub(super) enum End {
    Commit(StoredAnswer, Reply<()>),
    Refuse(StoredAnswer, Reply<Claimed>),
}

/// The end of a turn without a claim: its commit.
pub(super) type PlainEnd = Reply<()>;

/// The delivery's side of its turn. `E` is its end.
pub(super) struct Turn<E> {
    lent: Option<Lent>,
    returned: Arc<AtomicBool>,
    end: oneshot::Sender<E>,
}

/// The writer's side of a turn.
pub(super) struct Given<E> {
    pub(super) home: oneshot::Receiver<Shared>,
    pub(super) end: oneshot::Receiver<E>,
}

impl<E: Send + 'static> Turn<E> {
    pub(super) fn new(shared: Shared) -> (Self, Given<E>) {
        let (home, home_receiver) = oneshot::channel();
        let (end, end_receiver) = oneshot::channel();
        let returned = Arc::new(AtomicBool::new(false));
        let lent = Lent { shared: Some(shared), home: Some(home), returned: Arc::clone(&returned) };
        (Self { lent: Some(lent), returned, end }, Given { home: home_receiver, end: end_receiver })
    }

    fn lend(&mut self, extensions: &mut Extensions) {
        if let Some(lent) = self.lent.take() {
            // The loan can be dropped: the drop of `Lent` returns the transaction to the writer.
            let (tx, _) = Tx::<Sqlite>::lend(lent);
            tx.leave_in(extensions);
        }
    }

    /// Ends the turn, and waits until the batch is durable. Fails while the handler still has its `Tx`.
    async fn end<T>(self, end: impl FnOnce(Reply<T>) -> E) -> Result<T, StoreError> {
        drop(self.lent);
        if !self.returned.load(Ordering::Acquire) {
            return Err(StoreError::transaction_kept());
        }
        let (reply, outcome) = oneshot::channel();
        self.end.send(end(reply)).map_err(|_| lost())?;
        outcome.await.map_err(|_| lost())?
    }

    /// The writer undoes the turn before it starts another, so there is nothing to wait for.
    fn undo(self) -> Result<(), StoreError> {
        drop(self.lent);
        if self.returned.load(Ordering::Acquire) { Ok(()) } else { Err(StoreError::transaction_kept()) }
    }
}

impl Transaction for Turn<End> {
    fn lend(&mut self, extensions: &mut Extensions) {
        Self::lend(self, extensions);
    }

    fn commit(self: Box<Self>, answer: &StoredAnswer) -> BoxFuture<'_, Result<(), StoreError>> {
        let answer = answer.clone();
        Box::pin(self.end(|reply| End::Commit(answer, reply)))
    }

    fn refuse(self: Box<Self>, answer: &StoredAnswer) -> BoxFuture<'_, Result<Claimed, StoreError>> {
        let answer = answer.clone();
        Box::pin(self.end(|reply| End::Refuse(answer, reply)))
    }

    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(async { self.undo() })
    }
}

impl PlainTransaction for Turn<PlainEnd> {
    fn lend(&mut self, extensions: &mut Extensions) {
        Self::lend(self, extensions);
    }

    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(self.end(|reply| reply))
    }

    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(async { self.undo() })
    }
}
