use http::Extensions;
use sqlx::{PgPool, Postgres};

use super::statements::Statements;
use crate::idempotency::{BoxFuture, Claim, Claimed, Loan, StoreError, StoredAnswer, Transaction, Tx};

type Open = sqlx::Transaction<'static, Postgres>;

/// A transaction that may hold a claim.
pub(super) struct PostgresTransaction {
    pool: PgPool,
    sql: Statements,
    claim: Option<Claim>,
    place: Place,
}

enum Place {
    Here(Open),
    Lent(Loan<Open>),
    Gone,
}

impl PostgresTransaction {
    pub(super) fn new(pool: PgPool, sql: Statements, claim: Option<Claim>, open: Open) -> Self {
        Self { pool, sql, claim, place: Place::Here(open) }
    }

    fn back(&mut self) -> Result<Open, StoreError> {
        match std::mem::replace(&mut self.place, Place::Gone) {
            Place::Here(open) => Ok(open),
            Place::Lent(loan) => loan.take().ok_or_else(StoreError::transaction_kept),
            Place::Gone => Err(StoreError::transaction_kept()),
        }
    }
}

impl Transaction for PostgresTransaction {
    fn lend(&mut self, extensions: &mut Extensions) {
        if let Ok(open) = self.back() {
            let (tx, loan) = Tx::<Postgres>::lend(open);
            tx.leave_in(extensions);
            self.place = Place::Lent(loan);
        }
    }

    fn commit(mut self: Box<Self>, answer: &StoredAnswer) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let mut open = self.back()?;
            // A transaction that failed inside refuses this; it must come before the commit, which would not.
            if let Some(claim) = &self.claim
                && !self.sql.complete(&mut open, claim, answer).await?
            {
                return Err(StoreError::new("the handler's transaction no longer holds its claim"));
            }
            open.commit().await.map_err(StoreError::new)
        })
    }

    fn refuse(mut self: Box<Self>, answer: &StoredAnswer) -> BoxFuture<'_, Result<Claimed, StoreError>> {
        Box::pin(async move {
            self.back()?.rollback().await.map_err(StoreError::new)?;
            let Some(claim) = &self.claim else { return Ok(Claimed::Mine(())) };
            let mut connection = self.pool.acquire().await.map_err(StoreError::new)?;
            if self.sql.answer(&mut connection, claim, answer).await? {
                return Ok(Claimed::Mine(()));
            }
            Ok(self.sql.look(&mut connection, &claim.key).await?.claimed())
        })
    }

    fn rollback(mut self: Box<Self>) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(async move { self.back()?.rollback().await.map_err(StoreError::new) })
    }
}
