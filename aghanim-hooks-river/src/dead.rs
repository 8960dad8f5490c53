use std::time::SystemTime;

use aghanim_hooks::idempotency::StoreError;
use riverqueue::jiff::Timestamp;
use riverqueue::{Error, JobArgs, JobListParams, JobRow, JobState, SortDirection};
use serde::Deserialize;
use serde_json::json;

use crate::args::Args;
use crate::backend::Backend;
use crate::error::failed;
use crate::river::River;
use crate::worker::{REFUSED, REPLAYED_AT};

/// A job that has failed for good: its delivery was acknowledged, and nothing more happens without a person.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The job's number.
    pub id: i64,
    /// The event's type, such as `order.paid`.
    pub event_type: String,
    /// The event's id, if it has one.
    pub event_id: Option<String>,
    /// The request's body, byte for byte.
    pub body: String,
    /// The reason why there is no further attempt.
    pub reason: Reason,
    /// The failed attempts, in order.
    pub failures: Vec<Failure>,
    /// The queue.
    pub queue: String,
    /// The time of the delivery.
    pub enqueued_at: SystemTime,
    /// The time of the end of the last attempt.
    pub died_at: SystemTime,
    /// The number of attempts that were made.
    pub attempts: u32,
    /// True if a person has had it run again.
    pub replayed: bool,
}

/// The reason why a job has no further attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The handler refused the event with a final [`Rejection`](aghanim_hooks::Rejection).
    Refused {
        /// The rejection's code.
        code: String,
        /// The rejection's message.
        message: String,
    },
    /// All attempts have failed.
    Exhausted {
        /// The last attempt's error.
        last: String,
    },
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused { code, message } => write!(f, "refused: {code}: {message}"),
            Self::Exhausted { last } => write!(f, "all attempts failed, the last one with: {last}"),
        }
    }
}

/// A failed attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The attempt's number, from 1.
    pub attempt: u32,
    /// The time of its start.
    pub at: SystemTime,
    /// Its error.
    pub error: String,
}

/// The dead letters of a [`River`]: see [`River::dead_letters`].
#[derive(Debug)]
pub struct DeadLetters<'a, Db: Backend> {
    river: &'a River<Db>,
}

impl<Db: Backend> River<Db> {
    /// The jobs that have failed for good: to list, show, retry and drop.
    ///
    /// ```no_run
    /// # async fn example(pool: sqlx::PgPool) -> Result<(), Box<dyn std::error::Error>> {
    /// use aghanim_hooks_river::River;
    ///
    /// let river = River::new(pool);
    /// for letter in river.dead_letters().list(100).await? {
    ///     println!("{} {}: {}", letter.id, letter.event_type, letter.reason);
    ///     river.dead_letters().retry(letter.id).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn dead_letters(&self) -> DeadLetters<'_, Db> {
        DeadLetters { river: self }
    }
}

impl<Db: Backend> DeadLetters<'_, Db> {
    /// The newest dead letters, at most `limit` and at most 10,000.
    ///
    /// # Errors
    /// Fails if the database fails.
    pub async fn list(&self, limit: u32) -> Result<Vec<DeadLetter>, StoreError> {
        let params = JobListParams::default()
            .kinds([Args::KIND])
            .states([JobState::Discarded])
            .direction(SortDirection::Descending)
            .limit(limit.clamp(1, 10_000));
        let page = self.river.client()?.jobs().list(params).await.map_err(failed)?;
        Ok(page.jobs.iter().map(DeadLetter::of).collect())
    }

    /// One dead letter. `None` if no dead letter has this number.
    ///
    /// # Errors
    /// Fails if the database fails.
    pub async fn show(&self, id: i64) -> Result<Option<DeadLetter>, StoreError> {
        match self.river.client()?.jobs().get(id).await {
            Ok(row) if is_dead(&row) => Ok(Some(DeadLetter::of(&row))),
            Ok(_) | Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// Runs a dead letter again, now. If its attempts are used up, it gets one more. Returns false if no dead letter has
    /// this number.
    ///
    /// # Errors
    /// Fails if the database fails.
    pub async fn retry(&self, id: i64) -> Result<bool, StoreError> {
        let client = self.river.client()?;
        let mut tx = Db::begin(&self.river.pool).await?;
        match client.jobs().get(id).await {
            Ok(row) if is_dead(&row) => {}
            Ok(_) | Err(Error::NotFound(_)) => return Ok(false),
            Err(error) => return Err(failed(error)),
        }
        let mut metadata = serde_json::Map::new();
        metadata.insert(REPLAYED_AT.to_owned(), json!(Timestamp::now().to_string()));
        Db::retry(client, &mut tx, id, metadata).await.map_err(failed)?;
        tx.commit().await.map_err(StoreError::new)?;
        Ok(true)
    }

    /// Deletes a dead letter for ever. Returns false if no dead letter has this number.
    ///
    /// # Errors
    /// Fails if the database fails.
    pub async fn drop(&self, id: i64) -> Result<bool, StoreError> {
        if self.show(id).await?.is_none() {
            return Ok(false);
        }
        match self.river.client()?.jobs().delete(id).await {
            Ok(_) => Ok(true),
            // In the meantime it was retried or deleted.
            Err(Error::NotFound(_) | Error::JobRunning) => Ok(false),
            Err(error) => Err(failed(error)),
        }
    }
}

fn is_dead(row: &JobRow) -> bool {
    row.kind == Args::KIND && row.state == JobState::Discarded
}

#[derive(Deserialize)]
struct Refused {
    code: String,
    message: String,
}

impl DeadLetter {
    fn of(row: &JobRow) -> Self {
        let args = row.decode_args::<Args>();
        let failures: Vec<_> = row
            .errors
            .iter()
            .map(|error| Failure {
                attempt: error.attempt.unsigned_abs(),
                at: error.at.into(),
                error: error.error.clone(),
            })
            .collect();
        let refused = row.metadata.get::<Refused>(REFUSED).ok().flatten();
        // A job that was refused, and failed when it was retried, has both reasons. The last one counts.
        let by_worker = row.errors.last().is_none_or(|error| error.error == DISCARDED_BY_WORKER);
        let reason = match (refused, &args) {
            (Some(Refused { code, message }), _) if by_worker => Reason::Refused { code, message },
            (_, Err(error)) => Reason::Exhausted { last: format!("its arguments can't be read: {error}") },
            (_, Ok(_)) => {
                Reason::Exhausted { last: failures.last().map(|last| last.error.clone()).unwrap_or_default() }
            }
        };
        let (event_type, event_id, body) =
            args.map(|args| (args.event_type, args.event_id, args.body)).unwrap_or_default();
        Self {
            id: row.id,
            event_type,
            event_id,
            body,
            reason,
            failures,
            queue: row.queue.clone(),
            enqueued_at: row.created_at.into(),
            died_at: row.finalized_at.unwrap_or(row.created_at).into(),
            attempts: row.attempt.unsigned_abs(),
            replayed: row.metadata.contains_key(REPLAYED_AT),
        }
    }
}

/// The error that River records for an attempt that discarded its job. The reason is in the metadata.
const DISCARDED_BY_WORKER: &str = "job discarded by worker";
