//! The store's SQL statements, and the reading of their results.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, Row as _, Sqlite, SqliteConnection};

use crate::idempotency::housekeeping::{Clock, PRUNE_BATCH, readable};
use crate::idempotency::{Claim, Fingerprint, Key, Record, StoreError, StoredAnswer};

/// A statement. Its text is made when the store is opened. Only the table's name is inserted, which has been checked.
#[derive(Debug, Clone)]
pub(super) struct Sql(Arc<str>);

impl Sql {
    pub(super) fn text(&self) -> AssertSqlSafe<Arc<str>> {
        AssertSqlSafe(Arc::clone(&self.0))
    }

    pub(super) fn query(&self) -> Query<'static, Sqlite, SqliteArguments> {
        sqlx::query(self.text())
    }
}

/// The columns with the state of a key.
pub(super) const STATE: &str = "fingerprint, owner, lease_until, touched_at, status, content_type, body";

/// All statements of the store. Several statements in one text cost one round trip.
///
/// `SAVEPOINT delivery` separates a delivery from the others in the same transaction.
#[derive(Debug, Clone)]
pub(super) struct Statements {
    pub(super) begin: Sql,
    pub(super) look: Sql,
    claim: Sql,
    renew: Sql,
    complete: Sql,
    release: Sql,
    pub(super) enter: Sql,
    pub(super) enter_and_look: Sql,
    pub(super) answer_and_leave: Sql,
    answer_and_look: Sql,
    pub(super) undo_and_answer: Sql,
    pub(super) leave: Sql,
    pub(super) undo: Sql,
    clock: Sql,
    set_clock: Sql,
    prune: Sql,
}

impl Statements {
    pub(super) fn new(table: &str) -> Self {
        let sql = |text: String| Sql(Arc::from(text));
        let look = format!("SELECT {STATE} FROM {table} WHERE digest = ?1");
        let answer = format!(
            "INSERT INTO {table} (digest, game_id, sandbox, event_type, idempotency_key, fingerprint, touched_at, \
             status, content_type, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
             ON CONFLICT (digest) DO UPDATE SET fingerprint = ?6, touched_at = ?7, status = ?8, content_type = ?9, \
             body = ?10, owner = NULL, lease_until = NULL"
        );
        Self {
            // A connection that was opened while the file was read-only can begin, but can never write. The `DELETE`
            // finds that out: it writes, although it deletes nothing.
            begin: sql(format!("BEGIN IMMEDIATE; DELETE FROM {table}_meta WHERE false")),
            enter_and_look: sql(format!("SAVEPOINT delivery; {look}")),
            answer_and_look: sql(format!(
                "{answer}; RELEASE delivery; SAVEPOINT delivery; SELECT {STATE} FROM {table} WHERE digest = ?11"
            )),
            look: sql(look),
            claim: sql(format!(
                "INSERT INTO {table} (digest, game_id, sandbox, event_type, idempotency_key, fingerprint, touched_at, \
                 owner, lease_until) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
                 ON CONFLICT (digest) DO UPDATE SET fingerprint = ?6, touched_at = ?7, owner = ?8, lease_until = ?9"
            )),
            complete: sql(format!(
                "UPDATE {table} SET touched_at = ?3, status = ?4, content_type = ?5, body = ?6, owner = NULL, \
                 lease_until = NULL WHERE digest = ?1 AND owner = ?2"
            )),
            release: sql(format!("DELETE FROM {table} WHERE digest = ?1 AND owner = ?2")),
            undo_and_answer: sql(format!("ROLLBACK TO delivery; {answer}; RELEASE delivery")),
            answer_and_leave: sql(format!("{answer}; RELEASE delivery")),
            renew: sql(format!(
                "UPDATE {table} SET lease_until = ?2 + lease_until - touched_at, touched_at = ?2 WHERE digest = ?1"
            )),
            enter: sql("SAVEPOINT delivery".to_owned()),
            leave: sql("RELEASE delivery".to_owned()),
            undo: sql("ROLLBACK TO delivery; RELEASE delivery".to_owned()),
            clock: sql(format!("SELECT clock_seen, hold_until FROM {table}_meta")),
            set_clock: sql(format!("UPDATE {table}_meta SET clock_seen = ?1, hold_until = ?2")),
            prune: sql(format!(
                "DELETE FROM {table} WHERE digest IN (SELECT digest FROM {table} WHERE touched_at < ?1 \
                 AND (status IS NOT NULL OR lease_until < ?2) ORDER BY touched_at LIMIT ?3)"
            )),
        }
    }

    /// Returns the state of a key. `sql` is one of the statements that look it up.
    pub(super) async fn look(
        &self,
        sql: &Sql,
        connection: &mut SqliteConnection,
        key: &Key,
    ) -> Result<Found, StoreError> {
        self.found(sql.query(), connection, key).await
    }

    /// Stores the answer of one delivery, and returns the state of the next delivery's key.
    pub(super) async fn answer_and_look(
        &self,
        connection: &mut SqliteConnection,
        claim: &Claim,
        answer: &StoredAnswer,
        next: &Key,
    ) -> Result<Found, StoreError> {
        let answered = bind_answer(bind_key(self.answer_and_look.query(), claim).bind(now()), answer);
        self.found(answered, connection, next).await
    }

    /// Binds the key's digest to a query, and runs it. Returns the state of the key.
    async fn found(&self, query: Bound, connection: &mut SqliteConnection, key: &Key) -> Result<Found, StoreError> {
        let digest = &key.digest()[..];
        let row = query.bind(digest.to_vec()).fetch_optional(&mut *connection).await.map_err(StoreError::new)?;
        let Some(row) = row else { return Ok(Found::Nothing) };
        if let Some(record) = record(&row)? {
            return Ok(Found::Answered(record));
        }
        let touched_at: i64 = row.try_get("touched_at").map_err(StoreError::new)?;
        let lease_until: Option<i64> = row.try_get("lease_until").map_err(StoreError::new)?;
        let now = now();
        if touched_at > now {
            // The clock went back after the claim, so its age is unknown: its lease starts again.
            execute(self.renew.query().bind(digest.to_vec()).bind(now), connection).await?;
            return Ok(Found::Held);
        }
        Ok(if lease_until.is_some_and(|until| until > now) { Found::Held } else { Found::Nothing })
    }

    /// Claims a key that is known to be free.
    pub(super) async fn claim(&self, connection: &mut SqliteConnection, claim: &Claim) -> Result<(), StoreError> {
        let now = now();
        let until = now.saturating_add(millis(claim.lease));
        let claimed = bind_key(self.claim.query(), claim).bind(now).bind(claim.owner.as_bytes().to_vec()).bind(until);
        execute(claimed, connection).await
    }

    /// Stores an answer if the claim's owner still holds it.
    pub(super) async fn complete(
        &self,
        connection: &mut SqliteConnection,
        claim: &Claim,
        answer: &StoredAnswer,
    ) -> Result<bool, StoreError> {
        let complete = self.complete.query().bind(claim.key.digest().to_vec()).bind(claim.owner.as_bytes().to_vec());
        let done = bind_answer(complete.bind(now()), answer).execute(connection).await.map_err(StoreError::new)?;
        Ok(done.rows_affected() == 1)
    }

    pub(super) async fn release(&self, connection: &mut SqliteConnection, claim: &Claim) -> Result<(), StoreError> {
        let release = self.release.query().bind(claim.key.digest().to_vec()).bind(claim.owner.as_bytes().to_vec());
        execute(release, connection).await
    }

    /// Stores an answer in its transaction. `sql` is one of the statements that do so.
    pub(super) async fn answer(
        &self,
        sql: &Sql,
        connection: &mut SqliteConnection,
        claim: &Claim,
        answer: &StoredAnswer,
    ) -> Result<(), StoreError> {
        execute(bind_answer(bind_key(sql.query(), claim).bind(now()), answer), connection).await
    }

    /// Removes a batch of rows that are older than the retention, and returns their number.
    pub(super) async fn prune(
        &self,
        connection: &mut SqliteConnection,
        retention: Duration,
    ) -> Result<u64, StoreError> {
        let row = self.clock.query().fetch_one(&mut *connection).await.map_err(StoreError::new)?;
        let (seen, hold_until) = (row.try_get(0).map_err(StoreError::new)?, row.try_get(1).map_err(StoreError::new)?);
        let mut clock = Clock { seen, hold_until };
        let now = now();
        let oldest = clock.look(now, retention);
        execute(self.set_clock.query().bind(clock.seen).bind(clock.hold_until), connection).await?;
        let Some(oldest) = oldest else { return Ok(0) };
        let prune = self.prune.query().bind(oldest).bind(now).bind(PRUNE_BATCH);
        Ok(prune.execute(connection).await.map_err(StoreError::new)?.rows_affected())
    }
}

/// The state of a key.
pub(super) enum Found {
    /// The key is free: it has no row, or a claim that has lapsed.
    Nothing,
    Answered(Record),
    Held,
}

pub(super) async fn execute(
    query: Query<'static, Sqlite, SqliteArguments>,
    connection: &mut SqliteConnection,
) -> Result<(), StoreError> {
    query.execute(connection).await.map(drop).map_err(StoreError::new)
}

/// The answer in a row of [`STATE`], if it has one.
pub(super) fn record(row: &SqliteRow) -> Result<Option<Record>, StoreError> {
    let Some(status) = row.try_get::<Option<i64>, _>("status").map_err(StoreError::new)? else { return Ok(None) };
    let fingerprint: &[u8] = row.try_get("fingerprint").map_err(StoreError::new)?;
    let content_type: &[u8] = row.try_get("content_type").map_err(StoreError::new)?;
    let body: Vec<u8> = row.try_get("body").map_err(StoreError::new)?;
    let fingerprint = Fingerprint::from_bytes(fingerprint.try_into().map_err(StoreError::new)?);
    let status = u16::try_from(status).map_err(StoreError::new)?;
    Ok(Some(Record::new(fingerprint, StoredAnswer::new(status, content_type, body)?)))
}

type Bound = Query<'static, Sqlite, SqliteArguments>;

/// Binds ?1 to ?6.
fn bind_key(query: Bound, claim: &Claim) -> Bound {
    let Claim { key, fingerprint, .. } = claim;
    query
        .bind(key.digest().to_vec())
        .bind(readable(key.game_id()))
        .bind(key.sandbox())
        .bind(readable(key.event_type()))
        .bind(readable(key.idempotency_key()))
        .bind(fingerprint.as_bytes().to_vec())
}

fn bind_answer(query: Bound, answer: &StoredAnswer) -> Bound {
    query
        .bind(i64::from(answer.status.as_u16()))
        .bind(answer.content_type.as_bytes().to_vec())
        .bind(answer.body.to_vec())
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// The machine's clock, in Unix milliseconds. SQLite runs in this process, so the database has the same clock.
fn now() -> i64 {
    // A clock before 1970 counts as one at 1970: both are wrong.
    millis(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}
