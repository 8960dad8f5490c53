//! A delivery's turn at the only connection that writes.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::Extensions;
use sqlx::{Sqlite, SqliteConnection};
use tokio::sync::oneshot;

use super::writer::{Reply, lost};
use crate::idempotency::{BoxFuture, Claimed, StoreError, StoredAnswer, Transaction, Tx};

pub(super) type Shared = sqlx::Transaction<'static, Sqlite>;

/// The transaction of a batch, lent to one delivery of it. It goes home when it is dropped, wherever that is.
pub(super) struct Lent {
    shared: Option<Shared>,
    home: Option<oneshot::Sender<Shared>>,
    returned: Arc<AtomicBool>,
}

const LENT: &str = "it goes home only when it is dropped";

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

impl Drop for Lent {
    fn drop(&mut self) {
        self.returned.store(true, Ordering::Release);
        if let (Some(home), Some(shared)) = (self.home.take(), self.shared.take()) {
            // Without a writer to take it, the transaction is rolled back as it is dropped.
            drop(home.send(shared));
        }
    }
}

/// What the delivery decided. Dropped without a word, its writes are undone.
pub(super) enum End {
    Commit(StoredAnswer, Reply<()>),
    Refuse(StoredAnswer, Reply<Claimed>),
}

/// The delivery's side of its turn.
pub(super) struct Turn {
    lent: Option<Lent>,
    returned: Arc<AtomicBool>,
    end: oneshot::Sender<End>,
}

/// The writer's side.
pub(super) struct Given {
    pub(super) home: oneshot::Receiver<Shared>,
    pub(super) end: oneshot::Receiver<End>,
}

impl Turn {
    pub(super) fn new(shared: Shared) -> (Self, Given) {
        let (home, home_receiver) = oneshot::channel();
        let (end, end_receiver) = oneshot::channel();
        let returned = Arc::new(AtomicBool::new(false));
        let lent = Lent { shared: Some(shared), home: Some(home), returned: Arc::clone(&returned) };
        (Self { lent: Some(lent), returned, end }, Given { home: home_receiver, end: end_receiver })
    }

    /// Where to send the end of it, once the handler has given back what it was lent.
    fn ended(self) -> Result<oneshot::Sender<End>, StoreError> {
        drop(self.lent);
        if self.returned.load(Ordering::Acquire) { Ok(self.end) } else { Err(StoreError::transaction_kept()) }
    }
}

impl Transaction for Turn {
    fn lend(&mut self, extensions: &mut Extensions) {
        if let Some(lent) = self.lent.take() {
            // The loan is not kept: it goes home to the writer by itself.
            let (tx, _) = Tx::<Sqlite>::lend(lent);
            tx.leave_in(extensions);
        }
    }

    fn commit(self: Box<Self>, answer: &StoredAnswer) -> BoxFuture<'_, Result<(), StoreError>> {
        let answer = answer.clone();
        Box::pin(async move {
            let (reply, written) = oneshot::channel();
            self.ended()?.send(End::Commit(answer, reply)).map_err(|_| lost())?;
            written.await.map_err(|_| lost())?
        })
    }

    fn refuse(self: Box<Self>, answer: &StoredAnswer) -> BoxFuture<'_, Result<Claimed, StoreError>> {
        let answer = answer.clone();
        Box::pin(async move {
            let (reply, written) = oneshot::channel();
            self.ended()?.send(End::Refuse(answer, reply)).map_err(|_| lost())?;
            written.await.map_err(|_| lost())?
        })
    }

    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<(), StoreError>> {
        // The writer undoes it before it turns to anyone else, so there is nothing to wait for.
        Box::pin(async move { self.ended().map(drop) })
    }
}
