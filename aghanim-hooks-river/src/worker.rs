//! The worker: River fetches jobs, the endpoint's handlers run them, and River gets the outcomes.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use aghanim_hooks::idempotency::{BoxFuture, StoreError};
use aghanim_hooks::later::{Attempt, Completion, Jobs, Outcome, Running};
use riverqueue::{
    BoxError, Job, MaintenanceConfig, QueueConfig, Retention, RunHandle, WorkCancelled, WorkContext, WorkOutcome,
    Worker, WorkerTimeout, Workers,
};
use serde_json::json;
use sqlx::Transaction;

use crate::args::Args;
use crate::backend::Backend;
use crate::error::failed;
use crate::river::{River, Settings};

/// The timeout that River has for an attempt: a sixth longer than ours, but at most 5 seconds longer. The endpoint drops
/// the attempt before that, so this is for an attempt that blocks its thread.
fn with_grace(timeout: Duration) -> Duration {
    timeout.saturating_add((timeout / 6).min(Duration::from_secs(5)))
}

/// The metadata of a refused job: its code and message.
pub(crate) const REFUSED: &str = "aghanim_refused";
/// The metadata of a job that was skipped, because a newer event of the same entity was worked before.
const SUPERSEDED: &str = "aghanim_superseded";
/// The metadata of a replayed job: the time of the replay.
pub(crate) const REPLAYED_AT: &str = "aghanim_replayed_at";

pub(crate) async fn start<Db: Backend>(river: &River<Db>, jobs: Jobs<Db>) -> Result<Box<dyn Running>, StoreError> {
    let settings = &river.settings;
    let mut workers = Workers::new();
    let queues: BTreeSet<_> =
        jobs.queues().iter().copied().chain([settings.queue.as_str()]).map(str::to_owned).collect();
    workers.add::<Args, _>(Works { jobs, timeout: settings.timeout }).map_err(failed)?;
    let mut builder = Db::client(&river.pool, river.schema_name())?
        .workers(workers)
        .retry_policy(settings.backoff)
        .job_timeout(with_grace(settings.timeout))
        // A job of another kind is left to a worker that knows it.
        .fetch_only_known_kinds(true)
        .maintenance(maintenance(settings));
    for queue in queues {
        let config = QueueConfig::new(settings.workers).with_fetch_poll_interval(settings.poll);
        let cooldown = Duration::from_millis(100).min(settings.poll);
        builder = builder.queue(queue, config.with_fetch_cooldown(cooldown));
    }
    let client = builder.build().map_err(failed)?;
    let mut run = client.start().map_err(failed)?;
    run.wait_ready().await.map_err(failed)?;
    Ok(Box::new(Runs(run)))
}

fn maintenance(settings: &Settings) -> MaintenanceConfig {
    // River does not rescue a job before its own timeout of it.
    let rescue_after = settings.rescue_after.max(with_grace(settings.timeout));
    MaintenanceConfig::default()
        .with_rescue_after(rescue_after)
        .with_rescuer_interval((rescue_after / 6).clamp(Duration::from_millis(500), Duration::from_secs(10)))
        .with_completed_job_retention(Retention::DeleteAfter(settings.keep_completed))
        .with_discarded_job_retention(Retention::Keep)
        .with_scheduler_interval(Duration::from_secs(1))
}

struct Runs(RunHandle);

impl Running for Runs {
    fn stop(mut self: Box<Self>) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(async move { self.0.stop().await.map_err(failed) })
    }
}

struct Works<Db> {
    jobs: Jobs<Db>,
    timeout: Duration,
}

impl<Db: Backend> Worker<Args> for Works<Db> {
    type Error = BoxError;

    /// It is also the earliest time of a rescue.
    fn timeout(&self, job: &Job<Args>) -> WorkerTimeout {
        WorkerTimeout::After(with_grace(job.args.timeout().unwrap_or(self.timeout)))
    }

    async fn work(&self, context: WorkContext, job: Job<Args>) -> Result<WorkOutcome, BoxError> {
        let Job { args, row, .. } = job;
        let count = |number: i32| u32::try_from(number).unwrap_or(1);
        let attempt = Attempt::new(count(row.attempt), count(row.max_attempts), args.timeout().unwrap_or(self.timeout))
            .replay(args.replay_of.is_some() || row.metadata.contains_key(REPLAYED_AT));
        let mut delivered = args.into_job();
        delivered.enqueued_at = Some(row.created_at.into());
        let completion = Completes { context: context.clone(), attempt: row.attempt };
        let outcome = tokio::select! {
            outcome = self.jobs.run(delivered, attempt, completion) => outcome,
            // The worker is stopped, or the job was cancelled. The attempt is dropped, and its transaction rolled back.
            () = context.cancellation_token().cancelled() => return Err(WorkCancelled.into()),
        };
        match outcome {
            Outcome::Completed => Ok(WorkOutcome::Complete),
            Outcome::Superseded => {
                context.metadata_set(SUPERSEDED, true)?;
                Ok(WorkOutcome::Complete)
            }
            Outcome::Refused { code, message } => {
                context.metadata_set(REFUSED, json!({ "code": code, "message": message }))?;
                Ok(WorkOutcome::Discard)
            }
            Outcome::Failed { reason } => Err(reason.into()),
            Outcome::Lost => Err(Lost.into()),
            other => Err(format!("this version of the adapter does not know the outcome {other:?}").into()),
        }
    }
}

/// The error of an attempt that has lost its job to another worker.
///
/// River ignores it if the job has ended. If the other worker is still running the job, River makes the job available
/// again: then the other attempt can't complete it either, and the job is worked once more.
#[derive(Debug)]
struct Lost;

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this attempt took so long that the job was given to another worker; what it wrote was undone")
    }
}

impl std::error::Error for Lost {}

struct Completes {
    context: WorkContext,
    attempt: i32,
}

impl<Db: Backend> Completion<Db> for Completes {
    fn complete<'a>(&'a self, tx: &'a mut Transaction<'_, Db>) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async move {
            match Db::complete(&self.context, tx).await {
                // River does not compare the attempt.
                Ok(row) => Ok(row.attempt == self.attempt),
                Err(riverqueue::Error::JobNotRunning { .. } | riverqueue::Error::NotFound(_)) => Ok(false),
                Err(error) => Err(failed(error)),
            }
        })
    }
}
