use std::time::SystemTime;

use aghanim_hooks::idempotency::StoreError;
use riverqueue::{InsertOpts, JobArgs, JobListParams, JobState};
use serde_json::json;

use crate::args::Args;
use crate::backend::Backend;
use crate::error::failed;
use crate::river::{River, metadata};
use crate::worker::REPLAYED_AT;

/// The number of jobs that are read at once.
const PAGE: u32 = 500;

/// A range of jobs to run again: by time, event and outcome.
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

    /// Completed jobs, for as long as they are [kept](River::keep_completed).
    ///
    /// Their handlers are called a second time and must be written for that.
    /// [`Attempt::replay`](aghanim_hooks::later::Attempt::replay) tells a handler that this is a replay.
    #[must_use]
    pub fn completed() -> Self {
        Self::new(&[JobState::Completed])
    }

    /// Dead letters and completed jobs.
    #[must_use]
    pub fn ended() -> Self {
        Self::new(&[JobState::Completed, JobState::Discarded])
    }

    /// Limits the range to one event type.
    #[must_use]
    pub fn event(self, event_type: impl Into<String>) -> Self {
        Self { event: Some(event_type.into()), ..self }
    }

    /// Limits the range to jobs that were enqueued at this time or later.
    #[must_use]
    pub fn since(self, time: SystemTime) -> Self {
        Self { since: Some(time), ..self }
    }

    /// Limits the range to jobs that were enqueued before this time.
    #[must_use]
    pub fn until(self, time: SystemTime) -> Self {
        Self { until: Some(time), ..self }
    }

    fn holds(&self, enqueued_at: SystemTime, args: &Args) -> bool {
        self.since.is_none_or(|since| enqueued_at >= since)
            && self.until.is_none_or(|until| enqueued_at < until)
            && self.event.as_ref().is_none_or(|event| *event == args.event_type)
            // Otherwise each run would replay the replays of the runs before, and double them.
            && args.replay_of.is_none()
    }
}

/// A job that is run again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replayed {
    /// The number of the job that is repeated.
    pub of: i64,
    /// The number of the job that repeats it. For a dead letter it is the same job.
    pub by: i64,
}

impl<Db: Backend> River<Db> {
    /// Runs a range of jobs again, now, and returns them.
    ///
    /// A dead letter is [retried](crate::DeadLetters::retry). A completed job gets a new job, with all attempts, which
    /// has the number of the job that it repeats. Both are marked as replays. If the call fails, some jobs are replayed
    /// already; a second call replays the completed ones among them once more.
    ///
    /// # Errors
    /// Fails if the database fails.
    pub async fn replay(&self, range: &Deliveries) -> Result<Vec<Replayed>, StoreError> {
        let client = self.client()?;
        let params = JobListParams::default().kinds([Args::KIND]).states(range.states.iter().copied()).limit(PAGE);
        // All jobs are read before the first is replayed, since replayed jobs would be found too.
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
        let mut metadata = metadata(&args.event_type, args.event_id.as_deref());
        metadata.insert(REPLAYED_AT.to_owned(), json!(riverqueue::jiff::Timestamp::now().to_string()));
        let options = InsertOpts::default().with_queue(queue).with_max_attempts(max_attempts).with_metadata(metadata);
        let mut tx = Db::begin(&self.pool).await?;
        let args = Args { replay_of: Some(id), ..args };
        let by = Db::insert(self.client()?, &mut tx, args, options).await.map_err(failed)?;
        tx.commit().await.map_err(StoreError::new)?;
        Ok(by)
    }
}
