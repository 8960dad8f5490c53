//! A minimal store, correct or with one of the flaws that such stores often have.
//!
//! Without a flaw it passes the suite. So if the suite fails, it has found the flaw.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aghanim_hooks::idempotency::{
    BoxFuture, Claim, Claimed, DEFAULT_RETENTION, Fingerprint, IdempotencyStore, Key, Loan, Record, StoreError,
    StoredAnswer, Transaction, Tx,
};
use axum::http::Extensions;
use serde::{Deserialize, Serialize};
use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{Database, Sqlite, SqliteConnection, SqlitePool};

/// The flaw of a double.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Flaw {
    /// `commit` returns before the commit.
    AcknowledgeBeforeCommit,
    /// One statement checks that the key is free, and another one claims it.
    CheckThenInsert,
    /// The handler's writes are durable before its key is checked.
    EffectBeforeDedupe,
    /// A failed attempt is stored as an answered one.
    ErrorStoredAsDone,
    /// An attempt may complete the claim of another attempt.
    NoOwnerToken,
}

/// A store in a file, with at most one flaw.
#[derive(Debug, Clone)]
pub struct Double {
    pool: SqlitePool,
    flaw: Option<Flaw>,
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS claims (digest BLOB PRIMARY KEY, owner BLOB, until_ms INTEGER,
    fingerprint BLOB, status INTEGER, content_type BLOB, body BLOB)";
const CLAIM: &str = "INSERT OR REPLACE INTO claims (digest, owner, until_ms, fingerprint) VALUES (?1, ?2, ?3, ?4)";
const READ: &str = "SELECT until_ms, fingerprint, status, content_type, body FROM claims WHERE digest = ?1";
/// A pause in which a kill or another attempt can meet the flaw.
const FLAW_SHOWS: Duration = Duration::from_millis(20);

type Result<T, E = StoreError> = std::result::Result<T, E>;

impl Double {
    pub(super) async fn open(path: &Path, flaw: Option<Flaw>) -> sqlx::Result<Self> {
        let pool = SqlitePoolOptions::new().connect_with(super::ledger::sqlite(path)).await?;
        sqlx::query(TABLE).execute(&pool).await?;
        Ok(Self { pool, flaw })
    }

    fn is(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    async fn writing(&self) -> Result<sqlx::Transaction<'static, Sqlite>> {
        self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(StoreError::new)
    }

    /// Claims a key inside a transaction, which has locked out all others.
    async fn claim_in(&self, transaction: &mut SqliteConnection, claim: &Claim) -> Result<Claimed> {
        if !self.is(Flaw::CheckThenInsert)
            && let Some(other) = read(&mut *transaction, &claim.key).await?
        {
            return Ok(other);
        }
        let until = now_ms() + i64::try_from(claim.lease.as_millis()).map_err(StoreError::new)?;
        let query = sqlx::query(CLAIM).bind(&claim.key.digest()[..]).bind(&claim.owner.as_bytes()[..]).bind(until);
        let claimed = query.bind(&claim.fingerprint.as_bytes()[..]).execute(transaction).await;
        claimed.map(|_| Claimed::Mine(())).map_err(StoreError::new)
    }

    /// Reads the key before the transaction, if that is the flaw.
    async fn check(&self, claim: &Claim) -> Result<Option<Claimed>> {
        if !self.is(Flaw::CheckThenInsert) {
            return Ok(None);
        }
        let mut connection = self.pool.acquire().await.map_err(StoreError::new)?;
        let found = read(&mut connection, &claim.key).await?;
        drop(connection);
        tokio::time::sleep(FLAW_SHOWS).await;
        Ok(found)
    }

    /// Stores a success for an attempt that failed.
    async fn store_as_done(&self, claim: &Claim) -> Result<()> {
        let mut connection = self.writing().await?;
        self.claim_in(&mut connection, claim).await?;
        let answer = StoredAnswer::new(200, b"application/json", r#"{"status":"ok"}"#)?;
        answer_in(&mut connection, claim, &answer, true).await?;
        connection.commit().await.map_err(StoreError::new)
    }
}

/// Returns the state of a key, or `None` if it is free.
async fn read(connection: &mut SqliteConnection, key: &Key) -> Result<Option<Claimed>> {
    type Row = (i64, Vec<u8>, Option<u16>, Option<Vec<u8>>, Option<Vec<u8>>);
    let row: Option<Row> =
        sqlx::query_as(READ).bind(&key.digest()[..]).fetch_optional(connection).await.map_err(StoreError::new)?;
    match row {
        Some((_, fingerprint, Some(status), content_type, body)) => {
            let fingerprint = fingerprint.try_into().map_err(|_| StoreError::new("no fingerprint"))?;
            let answer = StoredAnswer::new(status, &content_type.unwrap_or_default(), body.unwrap_or_default())?;
            Ok(Some(Claimed::Answered(Record::new(Fingerprint::from_bytes(fingerprint), answer))))
        }
        Some((until, ..)) if until > now_ms() => Ok(Some(Claimed::InFlight)),
        Some(_) | None => Ok(None),
    }
}

/// Stores the answer of a claim. False if another attempt holds the key.
async fn answer_in(
    connection: &mut SqliteConnection,
    claim: &Claim,
    answer: &StoredAnswer,
    of_anyone: bool,
) -> Result<bool> {
    const ANSWER: &str = "UPDATE claims SET status = ?3, content_type = ?4, body = ?5
        WHERE digest = ?1 AND (owner = ?2 OR ?6)";
    let query = sqlx::query(ANSWER).bind(&claim.key.digest()[..]).bind(&claim.owner.as_bytes()[..]);
    let query = query.bind(answer.status.as_u16()).bind(answer.content_type.as_bytes()).bind(&answer.body[..]);
    let done = query.bind(of_anyone).execute(connection).await.map_err(StoreError::new)?;
    Ok(done.rows_affected() == 1)
}

fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
    i64::try_from(now.as_millis()).expect("a clock before the year 292 million")
}

impl IdempotencyStore for Double {
    fn retention(&self) -> Duration {
        DEFAULT_RETENTION
    }

    fn lookup<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Record>>> {
        Box::pin(async {
            let mut connection = self.pool.acquire().await.map_err(StoreError::new)?;
            Ok(match read(&mut connection, key).await? {
                Some(Claimed::Answered(record)) => Some(record),
                _ => None,
            })
        })
    }

    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed>> {
        Box::pin(async {
            if let Some(found) = self.check(claim).await? {
                return Ok(found);
            }
            let mut transaction = self.writing().await?;
            let claimed = self.claim_in(&mut transaction, claim).await?;
            transaction.commit().await.map_err(StoreError::new)?;
            Ok(claimed)
        })
    }

    fn complete<'a>(&'a self, claim: &'a Claim, answer: &'a StoredAnswer) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async {
            let mut connection = self.pool.acquire().await.map_err(StoreError::new)?;
            answer_in(&mut connection, claim, answer, self.is(Flaw::NoOwnerToken)).await
        })
    }

    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<()>> {
        const RELEASE: &str = "DELETE FROM claims WHERE digest = ?1 AND (owner = ?2 AND status IS NULL OR ?3)";
        Box::pin(async {
            if self.is(Flaw::ErrorStoredAsDone) {
                let mut connection = self.pool.acquire().await.map_err(StoreError::new)?;
                let answer = StoredAnswer::new(200, b"application/json", r#"{"status":"ok"}"#)?;
                return answer_in(&mut connection, claim, &answer, false).await.map(drop);
            }
            let query = sqlx::query(RELEASE).bind(&claim.key.digest()[..]).bind(&claim.owner.as_bytes()[..]);
            let released = query.bind(self.is(Flaw::NoOwnerToken)).execute(&self.pool).await;
            released.map(drop).map_err(StoreError::new)
        })
    }

    fn transactions(&self) -> Option<&'static str> {
        Some(Sqlite::NAME)
    }

    fn begin<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed<Box<dyn Transaction>>>> {
        Box::pin(async move {
            if let Some(found) = self.check(claim).await? {
                return Ok(unclaimed(found));
            }
            if self.is(Flaw::EffectBeforeDedupe) {
                let mut connection = self.pool.acquire().await.map_err(StoreError::new)?;
                // Otherwise a key that was claimed in between would never be answered.
                if let Some(found) = read(&mut connection, &claim.key).await? {
                    return Ok(unclaimed(found));
                }
                let open = EffectFirst { store: self.clone(), claim: claim.clone(), connection: Some(connection) };
                return Ok(Claimed::Mine(Box::new(open) as Box<dyn Transaction>));
            }
            let mut transaction = self.writing().await?;
            match self.claim_in(&mut transaction, claim).await? {
                Claimed::Mine(()) => {}
                other => return Ok(unclaimed(other)),
            }
            let (store, claim) = (self.clone(), claim.clone());
            Ok(Claimed::Mine(Box::new(Open { store, claim, transaction: Some(transaction), loan: None })))
        })
    }
}

/// Converts an outcome that is not `Mine` to another type of claim.
fn unclaimed<T>(outcome: Claimed) -> Claimed<T> {
    match outcome {
        Claimed::Answered(record) => Claimed::Answered(record),
        Claimed::InFlight | Claimed::Mine(()) => Claimed::InFlight,
    }
}

/// A transaction with claim, writes and answer.
struct Open {
    store: Double,
    claim: Claim,
    transaction: Option<sqlx::Transaction<'static, Sqlite>>,
    loan: Option<Loan<sqlx::Transaction<'static, Sqlite>>>,
}

impl Open {
    fn back(&mut self) -> Result<sqlx::Transaction<'static, Sqlite>> {
        let lent = self.loan.take().and_then(|loan| loan.take());
        lent.or_else(|| self.transaction.take()).ok_or_else(StoreError::transaction_kept)
    }
}

impl Transaction for Open {
    fn lend(&mut self, extensions: &mut Extensions) {
        if let Some(transaction) = self.transaction.take() {
            let (tx, loan) = Tx::<Sqlite>::lend(transaction);
            tx.leave_in(extensions);
            self.loan = Some(loan);
        }
    }

    fn commit(mut self: Box<Self>, answer: &StoredAnswer) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let mut transaction = self.back()?;
            answer_in(&mut transaction, &self.claim, answer, false).await?;
            if self.store.is(Flaw::AcknowledgeBeforeCommit) {
                tokio::spawn(async move {
                    tokio::time::sleep(FLAW_SHOWS).await;
                    transaction.commit().await
                });
                return Ok(());
            }
            transaction.commit().await.map_err(StoreError::new)
        })
    }

    fn refuse(mut self: Box<Self>, answer: &StoredAnswer) -> BoxFuture<'_, Result<Claimed>> {
        Box::pin(async move {
            self.back()?.rollback().await.map_err(StoreError::new)?;
            let mut transaction = self.store.writing().await?;
            match self.store.claim_in(&mut transaction, &self.claim).await? {
                Claimed::Mine(()) => {}
                other => return Ok(other),
            }
            answer_in(&mut transaction, &self.claim, answer, false).await?;
            transaction.commit().await.map(Claimed::Mine).map_err(StoreError::new)
        })
    }

    fn rollback(mut self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move {
            self.back()?.rollback().await.map_err(StoreError::new)?;
            if self.store.is(Flaw::ErrorStoredAsDone) {
                self.store.store_as_done(&self.claim).await?;
            }
            Ok(())
        })
    }
}

/// A transaction with the flaw: the handler's writes are committed first, then the key.
struct EffectFirst {
    store: Double,
    claim: Claim,
    connection: Option<PoolConnection<Sqlite>>,
}

impl Transaction for EffectFirst {
    fn lend(&mut self, extensions: &mut Extensions) {
        if let Some(connection) = self.connection.take() {
            Tx::<Sqlite>::lend_connection(connection).0.leave_in(extensions);
        }
    }

    fn commit(self: Box<Self>, answer: &StoredAnswer) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let mut transaction = self.store.writing().await?;
            match self.store.claim_in(&mut transaction, &self.claim).await? {
                Claimed::Mine(()) => {}
                // The next delivery gets that answer.
                _ => return Err(StoreError::new("another attempt was faster")),
            }
            answer_in(&mut transaction, &self.claim, answer, false).await?;
            transaction.commit().await.map_err(StoreError::new)
        })
    }

    fn refuse(self: Box<Self>, answer: &StoredAnswer) -> BoxFuture<'_, Result<Claimed>> {
        Box::pin(async move { self.commit(answer).await.map(Claimed::Mine) })
    }

    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        // The writes stay.
        Box::pin(async { Ok(()) })
    }
}
