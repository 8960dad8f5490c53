use http::Extensions;
use sqlx::{Executor as _, PgPool, Postgres};

use super::connections::{acquire, begin};
use super::statements::{Statements, Tried, is_reply_lost};
use crate::idempotency::{BoxFuture, Claim, Claimed, Loan, PlainTransaction, StoreError};
use crate::idempotency::{StoredAnswer, Transaction, Tx};

type Open = sqlx::Transaction<'static, Postgres>;

/// An open transaction, here or lent to a handler.
pub(super) enum Lendable {
    Here(Open),
    Lent(Loan<Open>),
    Gone,
}

impl Lendable {
    pub(super) fn new(open: Open) -> Self {
        Self::Here(open)
    }

    fn lend(&mut self, extensions: &mut Extensions) {
        if let Ok(open) = self.take() {
            let (tx, loan) = Tx::<Postgres>::lend(open);
            tx.leave_in(extensions);
            *self = Self::Lent(loan);
        }
    }

    /// Fails while the handler still has it.
    fn take(&mut self) -> Result<Open, StoreError> {
        match std::mem::replace(self, Self::Gone) {
            Self::Here(open) => Ok(open),
            Self::Lent(loan) => loan.take().ok_or_else(StoreError::transaction_kept),
            Self::Gone => Err(StoreError::transaction_kept()),
        }
    }
}

/// A transaction that holds a claim.
pub(super) struct PostgresTransaction {
    pub(super) pool: PgPool,
    pub(super) sql: Statements,
    pub(super) claim: Claim,
    pub(super) open: Lendable,
}

impl PostgresTransaction {
    /// Finds out on another connection if a commit happened whose reply was lost.
    async fn find_the_outcome(&self, answer: &StoredAnswer, error: StoreError) -> Result<(), StoreError> {
        tracing::warn!(%error, "the reply to a commit was lost; looking whether the answer is stored");
        let mut open = begin(&self.pool, Some(self.claim.deadline)).await?;
        // If the server has not ended that transaction yet, this waits for it.
        match self.sql.claim(&mut open, &self.claim).await? {
            Tried::Mine => Err(error),
            Tried::Contended => {
                Err(StoreError::new("a commit is not decided yet; the next delivery finds its outcome"))
            }
            Tried::Taken if self.sql.look(&mut open, &self.claim.key).await?.is_answered_by(&self.claim, answer) => {
                Ok(())
            }
            Tried::Taken => Err(StoreError::new("another attempt answered; the next delivery gets its answer")),
        }
    }

    async fn store_refusal(&self, answer: &StoredAnswer) -> Result<Claimed, StoreError> {
        let mut connection = acquire(&self.pool, Some(self.claim.deadline)).await?;
        if self.sql.answer(&mut connection, &self.claim, answer).await? {
            return Ok(Claimed::Mine(()));
        }
        Ok(self.sql.look(&mut connection, &self.claim.key).await?.claimed())
    }
}

impl Transaction for PostgresTransaction {
    fn lend(&mut self, extensions: &mut Extensions) {
        self.open.lend(extensions);
    }

    fn commit(mut self: Box<Self>, answer: &StoredAnswer) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let mut open = self.open.take()?;
            // In a failed transaction this statement fails too. `COMMIT` would not fail: it would roll back.
            if !self.sql.complete(&mut open, &self.claim, answer).await? {
                return Err(StoreError::new("the handler's transaction no longer holds its claim"));
            }
            match open.commit().await.map_err(StoreError::new) {
                Err(error) if is_reply_lost(&error) => self.find_the_outcome(answer, error).await,
                committed => committed,
            }
        })
    }

    fn refuse(mut self: Box<Self>, answer: &StoredAnswer) -> BoxFuture<'_, Result<Claimed, StoreError>> {
        Box::pin(async move {
            self.open.take()?.rollback().await.map_err(StoreError::new)?;
            match self.store_refusal(answer).await {
                Err(error) if is_reply_lost(&error) => {
                    tracing::warn!(%error, "the reply to a stored refusal was lost; storing it again");
                    // Changes nothing if the first try succeeded: the key then has that answer.
                    self.store_refusal(answer).await
                }
                stored => stored,
            }
        })
    }

    fn rollback(mut self: Box<Self>) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(async move { self.open.take()?.rollback().await.map_err(StoreError::new) })
    }
}

impl PlainTransaction for Lendable {
    fn lend(&mut self, extensions: &mut Extensions) {
        Self::lend(self, extensions);
    }

    fn commit(mut self: Box<Self>) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(async move {
            let mut open = self.take()?;
            // Fails if the transaction has failed, or if the handler ran a `ROLLBACK`. `COMMIT` would succeed there,
            // and would store nothing.
            open.execute("SAVEPOINT aghanim_before_commit").await.map_err(StoreError::new)?;
            open.commit().await.map_err(StoreError::new)
        })
    }

    fn rollback(mut self: Box<Self>) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(async move { self.take()?.rollback().await.map_err(StoreError::new) })
    }
}
