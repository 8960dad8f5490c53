use std::time::SystemTime;

use aghanim_hooks::idempotency::StoreError;
use riverqueue::{InsertOpts, JobArgs, JobListParams, JobState};
use serde_json::json;

use crate::args::Args;
use crate::backend::Backend;
use crate::error::failed;
use crate::river::River;
use crate::worker::REPLAYED_AT;

/// A page of jobs.
const PAGE: u32 = 500;

/// A range of deliveries to work again: by time, event and outcome.
///
/// ```
/// use aghanim_hooks_river::Deliveries;
///
/// let range = Deliveries::dead().event("order.paid");
/// ```
#[derive(Debug, Clone)]
pub struct Deliveries {
    states: Vec<JobState>,
    event: Option<String>,
    since: Option<SystemTime>,
    until: Option<SystemTime>,
}

impl Deliveries {
    fn new(states: &[JobState]) -> Self {
        Self { states: states.to_vec(), event: None, since: None, until: None }
    }

    /// Dead letters.
    #[must_use]
    pub fn dead() -> Self {
        Self::new(&[JobState::Discarded])
    }

    /// Deliveries whose work was completed, for as long as they are [kept](River::keep_completed).
    ///
    /// Their work is done a second time: the handler has to be written for that. It can see that it is a replay from
    /// [`Attempt::replay`](aghanim_hooks::later::Attempt::replay).
    #[must_use]
    pub fn completed() -> Self {
        Self::new(&[JobState::Completed])
    }

    /// Both.
    #[must_use]
    pub fn ended() -> Self {
        Self::new(&[JobState::Completed, JobState::Discarded])
    }

    /// Of this event type alone.
    #[must_use]
    pub fn event(self, event_type: impl Into<String>) -> Self {
        Self { event: Some(event_type.into()), ..self }
    }

    /// Enqueued at this time or later.
    #[must_use]
    pub fn since(self, time: SystemTime) -> Self {
        Self { since: Some(time), ..self }
    }

    /// Enqueued before this time.
    #[must_use]
    pub fn until(self, time: SystemTime) -> Self {
        Self { until: Some(time), ..self }
    }

    fn holds(&self, enqueued_at: SystemTime, args: &Args) -> bool {
        self.since.is_none_or(|since| enqueued_at >= since)
            && self.until.is_none_or(|until| enqueued_at < until)
            && self.event.as_ref().is_none_or(|event| *event == args.event_type)
            // A replay of a replay would double with every run.
            && args.replay_of.is_none()
    }
}

/// A delivery that is worked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replayed {
    /// The job that is repeated.
    pub of: i64,
    /// The job that repeats it: the same one for a dead letter.
    pub by: i64,
}

impl<Db: Backend> River<Db> {
    /// Has a range of deliveries worked again, now, and returns which.
    ///
    /// A dead letter is [retried](crate::DeadLetters::retry). A completed delivery gets a new job, with all attempts, which
    /// names the one that it repeats. Both are marked as replays. A call that fails in between has replayed those before:
    /// completed ones are replayed again by a second call.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn replay(&self, range: &Deliveries) -> Result<Vec<Replayed>, StoreError> {
        let client = self.client()?;
        let params = JobListParams::default().kinds([Args::KIND]).states(range.states.iter().copied()).limit(PAGE);
        // All are found before the first is replayed, which would come up again.
        let mut found = Vec::new();
        let mut page = client.jobs().list(params.clone()).await.map_err(failed)?;
        loop {
            for row in page.jobs {
                let Ok(args) = row.decode_args::<Args>() else { continue };
                if range.holds(row.created_at.into(), &args) {
                    found.push((row.id, row.state, row.queue, row.max_attempts, args));
                }
            }
            let Some(cursor) = page.last_cursor else { break };
            page = client.jobs().list(params.clone().after(cursor)).await.map_err(failed)?;
        }
        let mut replayed = Vec::new();
        for (id, state, queue, max_attempts, args) in found {
            if state == JobState::Discarded {
                if self.dead_letters().retry(id).await? {
                    replayed.push(Replayed { of: id, by: id });
                }
                continue;
            }
            let by = self.repeat(id, queue, max_attempts, args).await?;
            replayed.push(Replayed { of: id, by });
        }
        Ok(replayed)
    }

    async fn repeat(&self, id: i64, queue: String, max_attempts: i32, args: Args) -> Result<i64, StoreError> {
        let mut metadata = serde_json::Map::new();
        metadata.insert("event_type".to_owned(), json!(args.event_type));
        metadata.insert("event_id".to_owned(), json!(args.event_id));
        metadata.insert(REPLAYED_AT.to_owned(), json!(riverqueue::jiff::Timestamp::now().to_string()));
        let options = InsertOpts::default().with_queue(queue).with_max_attempts(max_attempts).with_metadata(metadata);
        let mut tx = Db::begin(&self.pool).await?;
        let args = Args { replay_of: Some(id), ..args };
        let by = Db::insert(self.client()?, &mut tx, args, options).await.map_err(failed)?;
        tx.commit().await.map_err(StoreError::new)?;
        Ok(by)
    }
}
