//! Rows of the history, and the deliveries that they are.

use std::time::{Duration, UNIX_EPOCH};

use aghanim_hooks::testing::RawAnswer;
use bytes::Bytes;
use http::StatusCode;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row as _};

use crate::inspector::delivery::{Delivery, Origin, Signature, Summary};
use crate::inspector::headers::from_lines;

/// The columns of a [`SummaryRow`]: everything but headers and bodies.
macro_rules! columns {
    () => {
        "id, received, method, path, event, event_id, key, key_seen, environment, verdict, reason, status, failure, \
         micros, fits, origin, parent, chaos, size"
    };
}
pub(super) use columns as COLUMNS;

/// A row without headers and bodies.
pub(super) struct SummaryRow(pub(super) Summary);

impl FromRow<'_, SqliteRow> for SummaryRow {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let received: i64 = row.try_get("received")?;
        let received = UNIX_EPOCH + Duration::from_millis(received.unsigned_abs());
        let micros: Option<i64> = row.try_get("micros")?;
        let (origin, chaos): (String, String) = (row.try_get("origin")?, row.try_get("chaos")?);
        Ok(Self(Summary {
            id: row.try_get("id")?,
            received: humantime::format_rfc3339_millis(received).to_string(),
            event: row.try_get("event")?,
            event_id: row.try_get("event_id")?,
            key: row.try_get("key")?,
            key_seen: row.try_get("key_seen")?,
            environment: row.try_get("environment")?,
            signature: Signature { verdict: row.try_get("verdict")?, reason: row.try_get("reason")? },
            status: row.try_get("status")?,
            failure: row.try_get("failure")?,
            ms: micros.map(|micros| f64::from(u32::try_from(micros).unwrap_or(u32::MAX)) / 1e3),
            fits: row.try_get("fits")?,
            size: row.try_get("size")?,
            origin: Origin::of(&origin),
            of: row.try_get("parent")?,
            chaos: serde_json::from_str(&chaos).unwrap_or_default(),
            method: row.try_get("method")?,
            path: row.try_get("path")?,
        }))
    }
}

/// A whole row.
pub(super) struct DeliveryRow(pub(super) Delivery);

impl FromRow<'_, SqliteRow> for DeliveryRow {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let bytes = |column: &str| row.try_get::<Vec<u8>, _>(column).map(Bytes::from);
        let SummaryRow(summary) = SummaryRow::from_row(row)?;
        let status = summary.status.and_then(|status| StatusCode::from_u16(status).ok());
        let answer_head: Option<Vec<u8>> = row.try_get("answer_head")?;
        let answer = match status.zip(answer_head) {
            Some((status, head)) => Some(RawAnswer::new(status, from_lines(&head), bytes("answer_body")?)),
            None => None,
        };
        let headers = from_lines(&bytes("head")?);
        Ok(Self(Delivery { summary, headers, body: bytes("body")?, answer, why: row.try_get("why")? }))
    }
}
