//! The list of deliveries: filters, search and pages.

use serde::Serialize;
use sqlx::Sqlite;
use sqlx::sqlite::SqlitePool;

use super::rows::{COLUMNS, SummaryRow};
use crate::inspector::delivery::Summary;
use crate::inspector::patterns::Pattern;

/// The statuses that a filter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Those from one to another, both included.
    Within(u16, u16),
    /// None: there is no answer.
    None,
}

/// The deliveries to list.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    /// A text in a body, an answer's body, an id or a key. ASCII letters match in either case.
    pub(crate) text: Option<String>,
    pub(crate) event: Option<Pattern>,
    pub(crate) signature: Option<String>,
    pub(crate) status: Option<Status>,
    pub(crate) key: Option<String>,
    /// Only those older than this one.
    pub(crate) before: Option<i64>,
    pub(crate) limit: u32,
}

/// A part of a list.
#[derive(Debug, Serialize)]
pub(crate) struct Page {
    pub(crate) deliveries: Vec<Summary>,
    /// True if there are older ones.
    pub(crate) more: bool,
    /// The number that the filter takes.
    pub(crate) total: i64,
}

macro_rules! matching {
    () => {
        " FROM deliveries WHERE (?1 IS NULL OR event = ?1) AND (?2 IS NULL OR substr(event, 1, length(?2)) = ?2) \
         AND (?3 IS NULL OR verdict = ?3) AND (?4 IS NULL OR status BETWEEN ?4 AND ?5) \
         AND (?6 = 0 OR status IS NULL) AND (?7 IS NULL OR key = ?7) \
         AND (?8 IS NULL OR event_id LIKE ?8 ESCAPE '\\' OR key LIKE ?8 ESCAPE '\\' OR event LIKE ?8 ESCAPE '\\' \
              OR CAST(body AS TEXT) LIKE ?8 ESCAPE '\\' OR CAST(answer_body AS TEXT) LIKE ?8 ESCAPE '\\')"
    };
}

type Query<'q, O> = sqlx::query::QueryAs<'q, Sqlite, O, sqlx::sqlite::SqliteArguments>;

fn bind<'q, O>(query: Query<'q, O>, filter: &'q Filter) -> Query<'q, O> {
    let pattern = filter.event.as_ref();
    let prefix = pattern.and_then(Pattern::prefix);
    let name = pattern.filter(|_| prefix.is_none()).map(Pattern::text);
    let (from, to) = match filter.status {
        Some(Status::Within(from, to)) => (Some(from), Some(to)),
        _ => (None, None),
    };
    query
        .bind(name)
        // An empty prefix takes those without an event, too.
        .bind(prefix.filter(|prefix| !prefix.is_empty()))
        .bind(filter.signature.as_deref())
        .bind(from)
        .bind(to)
        .bind(filter.status == Some(Status::None))
        .bind(filter.key.as_deref())
        .bind(filter.text.as_deref().map(like))
}

pub(super) async fn list(pool: &SqlitePool, filter: &Filter) -> anyhow::Result<Page> {
    let (total,): (i64,) =
        bind(sqlx::query_as(concat!("SELECT COUNT(*)", matching!())), filter).fetch_one(pool).await?;
    let page = concat!("SELECT ", COLUMNS!(), matching!(), " AND (?9 IS NULL OR id < ?9) ORDER BY id DESC LIMIT ?10");
    // One more than is asked for shows whether there are more.
    let rows: Vec<SummaryRow> =
        bind(sqlx::query_as(page), filter).bind(filter.before).bind(filter.limit + 1).fetch_all(pool).await?;
    let limit = filter.limit as usize;
    let more = rows.len() > limit;
    Ok(Page { deliveries: rows.into_iter().take(limit).map(|row| row.0).collect(), more, total })
}

/// A `LIKE` pattern that matches the text anywhere.
fn like(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
