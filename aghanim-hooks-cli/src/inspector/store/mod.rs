//! The history of deliveries, in SQLite: bounded by count and bytes.

mod query;
mod rows;
mod schema;

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use serde::Serialize;
use sqlx::sqlite::SqlitePool;

pub(crate) use query::{Filter, Page, Status};

use super::delivery::{Delivery, Origin, Outcome, Request, Signature, Summary};
use super::facts::Facts;
use super::headers::to_lines;
use rows::{COLUMNS, DeliveryRow, SummaryRow};

/// The size that a delivery has beyond its headers and bodies, roughly.
const ROW: usize = 512;

/// The most that the history keeps. The oldest deliveries are removed first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Limits {
    pub(crate) count: u64,
    pub(crate) bytes: u64,
}

/// A delivery to be kept.
#[derive(Debug)]
pub(crate) struct New<'a> {
    pub(crate) request: &'a Request,
    pub(crate) facts: &'a Facts,
    pub(crate) signature: &'a Signature,
    pub(crate) origin: Origin,
    pub(crate) of: Option<i64>,
    pub(crate) chaos: &'a [String],
}

/// The earlier delivery that a delivery is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Earlier {
    /// The previous one of its event.
    OfEvent,
    /// The previous one of its key.
    OfKey,
    /// The previous one of its event that was answered.
    Answered,
}

/// The history.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pool: SqlitePool,
    limits: Limits,
    is_ephemeral: bool,
}

impl Store {
    /// Opens this file, or makes a history in memory.
    ///
    /// # Errors
    /// When the file can't be opened, or is not a history.
    pub(crate) async fn open(file: Option<&Path>, limits: Limits) -> anyhow::Result<Self> {
        let pool = schema::open(file).await?;
        // Nobody answers what an earlier process left open.
        sqlx::query(
            "UPDATE deliveries SET failure = 'the inspector ended before the answer' \
             WHERE status IS NULL AND failure IS NULL",
        )
        .execute(&pool)
        .await?;
        let store = Self { pool, limits, is_ephemeral: file.is_none() };
        store.trim().await?;
        Ok(store)
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    pub(crate) fn is_ephemeral(&self) -> bool {
        self.is_ephemeral
    }

    /// Keeps a delivery, still without an answer.
    pub(crate) async fn add(&self, new: New<'_>) -> anyhow::Result<Summary> {
        let head = to_lines(&new.request.headers);
        let body = &new.request.body;
        let row: SummaryRow = sqlx::query_as(concat!(
            "INSERT INTO deliveries (received, method, path, event, event_id, key, scope, key_seen, environment, \
             verdict, reason, origin, parent, chaos, size, stored, head, body) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, (SELECT COUNT(*) FROM deliveries WHERE scope = ?7), ?8, \
             ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) RETURNING ",
            COLUMNS!()
        ))
        .bind(milliseconds(SystemTime::now()))
        .bind(new.request.method.as_str())
        .bind(&new.request.path)
        .bind(&new.facts.event)
        .bind(&new.facts.event_id)
        .bind(&new.facts.key)
        .bind(&new.facts.scope)
        .bind(new.facts.environment)
        .bind(&new.signature.verdict)
        .bind(&new.signature.reason)
        .bind(new.origin.name())
        .bind(new.of)
        .bind(serde_json::to_string(new.chaos)?)
        .bind(size(body.len()))
        .bind(size(ROW + head.len() + body.len()))
        .bind(head)
        .bind(&body[..])
        .fetch_one(&self.pool)
        .await
        .context("can't keep the delivery")?;
        self.trim().await?;
        Ok(row.0)
    }

    /// Adds a delivery's end. `None` if the delivery has been removed by now.
    pub(crate) async fn end(&self, id: i64, outcome: &Outcome) -> anyhow::Result<Option<Summary>> {
        let answer = outcome.answer.as_ref();
        let head = answer.map(|answer| to_lines(&answer.headers));
        let body = answer.map(|answer| &answer.body[..]);
        let more = head.as_deref().map_or(0, <[u8]>::len) + body.map_or(0, <[u8]>::len);
        let micros = outcome.time.map(|time| i64::try_from(time.as_micros()).unwrap_or(i64::MAX));
        let row: Option<SummaryRow> = sqlx::query_as(concat!(
            "UPDATE deliveries SET status = ?2, failure = ?3, micros = ?4, fits = ?5, why = ?6, chaos = ?7, \
             stored = stored + ?8, answer_head = ?9, answer_body = ?10 WHERE id = ?1 RETURNING ",
            COLUMNS!()
        ))
        .bind(id)
        .bind(answer.map(|answer| i64::from(answer.status.as_u16())))
        .bind(&outcome.failure)
        .bind(micros)
        .bind(outcome.fits)
        .bind(&outcome.why)
        .bind(serde_json::to_string(&outcome.chaos)?)
        .bind(size(more))
        .bind(head)
        .bind(body)
        .fetch_optional(&self.pool)
        .await
        .context("can't keep the answer")?;
        self.trim().await?;
        Ok(row.map(|row| row.0))
    }

    /// A delivery with its bytes.
    pub(crate) async fn get(&self, id: i64) -> anyhow::Result<Option<Delivery>> {
        let row: Option<DeliveryRow> =
            sqlx::query_as("SELECT * FROM deliveries WHERE id = ?1").bind(id).fetch_optional(&self.pool).await?;
        Ok(row.map(|row| row.0))
    }

    /// The delivery before this one, which it is compared with.
    pub(crate) async fn before(&self, id: i64, which: Earlier) -> anyhow::Result<Option<Delivery>> {
        let query = match which {
            Earlier::OfEvent => {
                "SELECT * FROM deliveries WHERE id < ?1 AND event = (SELECT event FROM deliveries WHERE id = ?1) \
                 ORDER BY id DESC LIMIT 1"
            }
            Earlier::OfKey => {
                "SELECT * FROM deliveries WHERE id < ?1 AND scope = (SELECT scope FROM deliveries WHERE id = ?1) \
                 ORDER BY id DESC LIMIT 1"
            }
            Earlier::Answered => {
                "SELECT * FROM deliveries WHERE id < ?1 AND event = (SELECT event FROM deliveries WHERE id = ?1) \
                 AND status IS NOT NULL ORDER BY id DESC LIMIT 1"
            }
        };
        let row: Option<DeliveryRow> = sqlx::query_as(query).bind(id).fetch_optional(&self.pool).await?;
        Ok(row.map(|row| row.0))
    }

    /// The deliveries that a filter takes, newest first.
    pub(crate) async fn list(&self, filter: &Filter) -> anyhow::Result<Page> {
        query::list(&self.pool, filter).await
    }

    /// The number of deliveries, and their size in bytes.
    pub(crate) async fn totals(&self) -> anyhow::Result<(i64, i64)> {
        Ok(sqlx::query_as("SELECT count, bytes FROM totals").fetch_one(&self.pool).await?)
    }

    /// Removes every delivery, from the file too.
    pub(crate) async fn clear(&self) -> anyhow::Result<()> {
        sqlx::query("DELETE FROM deliveries").execute(&self.pool).await.context("can't remove the deliveries")?;
        sqlx::query("VACUUM").execute(&self.pool).await?;
        if !self.is_ephemeral {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.pool).await?;
        }
        Ok(())
    }

    /// Writes everything into the one file.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    /// Removes the oldest deliveries, one at a time, until the limits are kept.
    async fn trim(&self) -> anyhow::Result<()> {
        loop {
            let (count, bytes) = self.totals().await?;
            let within = |value: i64, limit: u64| u64::try_from(value).is_ok_and(|value| value <= limit);
            if count == 0 || within(count, self.limits.count) && within(bytes, self.limits.bytes) {
                return Ok(());
            }
            sqlx::query("DELETE FROM deliveries WHERE id = (SELECT MIN(id) FROM deliveries)")
                .execute(&self.pool)
                .await?;
        }
    }
}

fn size(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// Unix milliseconds.
fn milliseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
