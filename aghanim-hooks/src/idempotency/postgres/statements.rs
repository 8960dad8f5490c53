//! The store's SQL statements, and the reading of their results.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::error::DatabaseError;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, Row as _};

use super::connections::begin;
use crate::idempotency::housekeeping::{Clock, PRUNE_BATCH, check_name, readable};
use crate::idempotency::{Claim, Claimed, Fingerprint, Key, Record, StoreError, StoredAnswer};

/// The names of the store's tables.
///
/// They include the schema, because a handler may change `search_path` in its transaction.
#[derive(Debug, Clone)]
pub(super) struct Names {
    pub(super) table: String,
    pub(super) meta: String,
    /// Has no schema: an index is always in the schema of its table.
    pub(super) index: String,
}

impl Names {
    /// Names tables in this schema. The schema is quoted, so it may be any text.
    pub(super) fn new(schema: &str, table: &str) -> Result<Self, StoreError> {
        check_name("table", table)?;
        let schema = schema.replace('"', "\"\"");
        Ok(Self {
            table: format!("\"{schema}\".{table}"),
            meta: format!("\"{schema}\".{table}_meta"),
            index: format!("{table}_touched_at"),
        })
    }
}

/// A statement. Its text is made when the store is opened. Only names are inserted, which have been checked or quoted.
#[derive(Debug, Clone)]
struct Sql(Arc<str>);

type Bound = Query<'static, Postgres, PgArguments>;

impl Sql {
    fn query(&self) -> Bound {
        sqlx::query(AssertSqlSafe(Arc::clone(&self.0)))
    }
}

#[derive(Debug, Clone)]
pub(super) struct Statements {
    claim: Sql,
    look: Sql,
    renew: Sql,
    complete: Sql,
    release: Sql,
    answer: Sql,
    clock: Sql,
    set_clock: Sql,
    prune: Sql,
}

impl Statements {
    pub(super) fn new(Names { table, meta, .. }: &Names) -> Self {
        let sql = |text: String| Sql(Arc::from(text));
        let key = "digest, game_id, sandbox, event_type, idempotency_key, fingerprint, touched_at";
        // Another attempt's claim blocks the key until its lease has lapsed. If another transaction has not committed
        // its row yet, the statement waits for it.
        let lapsed = "held.status IS NULL AND held.lease_until <= clock_timestamp()";
        Self {
            // The server bounds each wait: `lock_timeout` bounds this statement, and all three timeouts bound the rest
            // of the transaction. Setting them here saves a statement.
            claim: sql(format!(
                "INSERT INTO {table} AS held ({key}, owner, lease_until) \
                 SELECT $1, $2, $3, $4, $5, $6, clock_timestamp(), $7, \
                 clock_timestamp() + $8 * interval '1 millisecond' \
                 FROM set_config('lock_timeout', $9, true) AS a, set_config('statement_timeout', $10, true) AS b, \
                 set_config('idle_in_transaction_session_timeout', $11, true) AS c \
                 ON CONFLICT (digest) DO UPDATE SET fingerprint = excluded.fingerprint, owner = excluded.owner, \
                 touched_at = excluded.touched_at, lease_until = excluded.lease_until WHERE {lapsed}"
            )),
            look: sql(format!(
                "SELECT fingerprint, status, content_type, body, touched_at > clock_timestamp() AS ahead \
                 FROM {table} WHERE digest = $1"
            )),
            renew: sql(format!(
                "UPDATE {table} SET lease_until = clock_timestamp() + (lease_until - touched_at), \
                 touched_at = clock_timestamp() WHERE digest = $1 AND status IS NULL \
                 AND touched_at > clock_timestamp()"
            )),
            complete: sql(format!(
                "UPDATE {table} SET status = $3, content_type = $4, body = $5, owner = NULL, lease_until = NULL \
                 WHERE digest = $1 AND owner = $2"
            )),
            release: sql(format!("DELETE FROM {table} WHERE digest = $1 AND owner = $2")),
            answer: sql(format!(
                "INSERT INTO {table} AS held ({key}, status, content_type, body) \
                 VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp(), $7, $8, $9) \
                 ON CONFLICT (digest) DO UPDATE SET fingerprint = excluded.fingerprint, \
                 touched_at = excluded.touched_at, status = excluded.status, content_type = excluded.content_type, \
                 body = excluded.body, owner = NULL, lease_until = NULL WHERE {lapsed}"
            )),
            clock: sql(format!(
                "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint, clock_seen, hold_until \
                 FROM {meta} FOR UPDATE SKIP LOCKED"
            )),
            set_clock: sql(format!("UPDATE {meta} SET clock_seen = $1, hold_until = $2")),
            // The limit is part of the text. If it were a parameter, the planner would read the whole table.
            prune: sql(format!(
                "DELETE FROM {table} WHERE digest IN (SELECT digest FROM {table} \
                 WHERE touched_at < to_timestamp($1 / 1000.0) \
                 AND (status IS NOT NULL OR lease_until < clock_timestamp()) \
                 ORDER BY touched_at LIMIT {PRUNE_BATCH} FOR UPDATE SKIP LOCKED)"
            )),
        }
    }

    /// Claims a key: until the end of the transaction if there is one, otherwise for the time of its lease.
    pub(super) async fn claim(&self, connection: &mut PgConnection, claim: &Claim) -> Result<Tried, StoreError> {
        let left = claim.deadline.saturating_duration_since(Instant::now());
        let claimed = bind_key(self.claim.query(), claim)
            .bind(claim.owner.as_bytes().to_vec())
            .bind(i64::try_from(claim.lease.as_millis()).unwrap_or(i64::MAX))
            .bind(bound(left))
            .bind(bound(left + Duration::from_secs(1)))
            .bind(bound(left + Duration::from_secs(5)))
            .execute(connection)
            .await;
        match claimed {
            Ok(done) if done.rows_affected() == 1 => Ok(Tried::Mine),
            Ok(_) => Ok(Tried::Taken),
            Err(error) if is_contention(&error) => Ok(Tried::Contended),
            Err(error) => Err(StoreError::new(error)),
        }
    }

    /// Returns the state of a key that could not be claimed.
    pub(super) async fn look(&self, connection: &mut PgConnection, key: &Key) -> Result<Found, StoreError> {
        let look = self.look.query().bind(key.digest().to_vec());
        let Some(row) = look.fetch_optional(connection).await.map_err(StoreError::new)? else {
            return Ok(Found::Nothing);
        };
        Ok(match record(&row)? {
            Some(record) => Found::Answered(record),
            None => Found::Held { ahead: row.try_get("ahead").map_err(StoreError::new)? },
        })
    }

    /// Starts a lease again. For a claim after which the clock went back: its age is unknown.
    pub(super) async fn renew(&self, connection: &mut PgConnection, key: &Key) -> Result<(), StoreError> {
        self.renew.query().bind(key.digest().to_vec()).execute(connection).await.map(drop).map_err(StoreError::new)
    }

    /// Stores an answer if the claim's owner still holds it.
    pub(super) async fn complete(
        &self,
        connection: &mut PgConnection,
        claim: &Claim,
        answer: &StoredAnswer,
    ) -> Result<bool, StoreError> {
        let complete = self.complete.query().bind(claim.key.digest().to_vec()).bind(claim.owner.as_bytes().to_vec());
        let done = bind_answer(complete, answer).execute(connection).await.map_err(StoreError::new)?;
        Ok(done.rows_affected() == 1)
    }

    pub(super) async fn release(&self, connection: &mut PgConnection, claim: &Claim) -> Result<(), StoreError> {
        let release = self.release.query().bind(claim.key.digest().to_vec()).bind(claim.owner.as_bytes().to_vec());
        release.execute(connection).await.map(drop).map_err(StoreError::new)
    }

    /// Stores the answer of a key that is free. False if the key is not free any more.
    pub(super) async fn answer(
        &self,
        connection: &mut PgConnection,
        claim: &Claim,
        answer: &StoredAnswer,
    ) -> Result<bool, StoreError> {
        let done = bind_answer(bind_key(self.answer.query(), claim), answer);
        let done = done.execute(connection).await.map_err(StoreError::new)?;
        Ok(done.rows_affected() == 1)
    }

    /// Removes a batch of rows that are older than the retention, and returns their number.
    ///
    /// Does nothing while another instance removes rows.
    pub(super) async fn prune(&self, pool: &PgPool, retention: Duration) -> Result<u64, StoreError> {
        let mut transaction = begin(pool, None).await?;
        let row = self.clock.query().fetch_optional(&mut *transaction).await.map_err(StoreError::new)?;
        let Some(row) = row else { return Ok(0) };
        let column = |i: usize| row.try_get::<i64, _>(i).map_err(StoreError::new);
        let mut clock = Clock { seen: column(1)?, hold_until: column(2)? };
        let oldest = clock.look(column(0)?, retention);
        let set = self.set_clock.query().bind(clock.seen).bind(clock.hold_until);
        set.execute(&mut *transaction).await.map_err(StoreError::new)?;
        let pruned = match oldest {
            Some(oldest) => {
                let prune = self.prune.query().bind(oldest);
                prune.execute(&mut *transaction).await.map_err(StoreError::new)?.rows_affected()
            }
            None => 0,
        };
        transaction.commit().await.map_err(StoreError::new)?;
        Ok(pruned)
    }
}

/// The result of an attempt to claim a key.
pub(super) enum Tried {
    Mine,
    /// A committed row has the key.
    Taken,
    /// Another transaction held the key, and did not end in time.
    Contended,
}

/// The state of a key.
pub(super) enum Found {
    Nothing,
    Answered(Record),
    /// Another attempt holds the key. Its claim is `ahead` of the clock if the clock went back.
    Held {
        ahead: bool,
    },
}

impl Found {
    /// True if the key has this answer, byte for byte, for the same data.
    pub(super) fn is_answered_by(&self, claim: &Claim, answer: &StoredAnswer) -> bool {
        matches!(self, Self::Answered(record) if record.fingerprint == claim.fingerprint && record.answer == *answer)
    }

    pub(super) fn claimed<T>(self) -> Claimed<T> {
        match self {
            Self::Answered(record) => Claimed::Answered(record),
            // If the row is gone, its attempt has failed. The next try gets the key.
            Self::Nothing | Self::Held { .. } => Claimed::InFlight,
        }
    }
}

/// A timeout as PostgreSQL reads it. It is never 0, which would mean no timeout.
fn bound(time: Duration) -> String {
    format!("{}ms", time.as_millis().clamp(1, i32::MAX.unsigned_abs().into()))
}

/// True if a failed statement may have taken effect.
///
/// Either its reply never came, or the server ended the connection (class 57P), perhaps after the commit.
pub(super) fn is_reply_lost(error: &StoreError) -> bool {
    match error.database() {
        Some(sqlx::Error::Database(error)) => error.code().is_some_and(|code| code.starts_with("57P")),
        Some(sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_)) => true,
        _ => false,
    }
}

/// True if another transaction was faster.
///
/// The code is `lock_not_available`, or `serialization_failure` where transactions are serializable by default.
fn is_contention(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    matches!(code.as_deref(), Some("55P03" | "40001"))
}

fn record(row: &PgRow) -> Result<Option<Record>, StoreError> {
    let Some(status) = row.try_get::<Option<i32>, _>("status").map_err(StoreError::new)? else { return Ok(None) };
    let fingerprint: &[u8] = row.try_get("fingerprint").map_err(StoreError::new)?;
    let content_type: &[u8] = row.try_get("content_type").map_err(StoreError::new)?;
    let body: Vec<u8> = row.try_get("body").map_err(StoreError::new)?;
    let fingerprint = Fingerprint::from_bytes(fingerprint.try_into().map_err(StoreError::new)?);
    let status = u16::try_from(status).map_err(StoreError::new)?;
    Ok(Some(Record::new(fingerprint, StoredAnswer::new(status, content_type, body)?)))
}

/// Binds $1 to $6.
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
        .bind(i32::from(answer.status.as_u16()))
        .bind(answer.content_type.as_bytes().to_vec())
        .bind(answer.body.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coded::coded;

    #[test]
    fn a_statement_that_failed_for_certain_has_not_lost_its_reply() {
        let lost = |error| is_reply_lost(&StoreError::new(error));
        assert!(lost(coded("57P01")) && lost(sqlx::Error::Protocol("cut".into())));
        assert!(!lost(coded("23505")) && !lost(coded("40001")) && !lost(sqlx::Error::PoolTimedOut));
        assert!(!is_reply_lost(&StoreError::new("no error of the database")));
    }

    #[test]
    fn another_transaction_was_faster_only_with_these_codes() {
        assert!(is_contention(&coded("55P03")) && is_contention(&coded("40001")));
        assert!(!is_contention(&coded("42P01")) && !is_contention(&sqlx::Error::PoolTimedOut));
    }

    #[test]
    fn an_answer_is_this_one_only_byte_for_byte() {
        let claim = Claim::new(
            Key::new("", false, "item.add", "k"),
            Fingerprint::new(b"{}"),
            Duration::from_secs(1),
            Instant::now(),
        );
        let answer = |body: &'static str| StoredAnswer::new(200, b"application/json", body).unwrap();
        let found = Found::Answered(Record::new(claim.fingerprint, answer("{}")));
        assert!(found.is_answered_by(&claim, &answer("{}")));
        assert!(!found.is_answered_by(&claim, &answer("[]")));
        let other_data = Found::Answered(Record::new(Fingerprint::new(b"[]"), answer("{}")));
        assert!(!other_data.is_answered_by(&claim, &answer("{}")));
        assert!(!Found::Nothing.is_answered_by(&claim, &answer("{}")));
    }
}
