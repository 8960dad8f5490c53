//! A job as River keeps it.

use std::time::Duration;

use aghanim_hooks::later::Job;
use riverqueue::JobArgs;
use serde::{Deserialize, Serialize};

/// The arguments of the only kind of job.
///
/// The body is a string, because PostgreSQL's `jsonb` would reorder the keys of JSON and rewrite its numbers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Args {
    pub(crate) event_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) event_id: Option<String>,
    pub(crate) body: String,
    /// The time for one attempt, if the handler's attribute or the endpoint has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) timeout_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) trace: Option<String>,
    /// The id of the job that this one repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) replay_of: Option<i64>,
}

impl JobArgs for Args {
    const KIND: &'static str = "aghanim_webhook";
}

impl Args {
    pub(crate) fn of(job: &Job) -> Self {
        Self {
            event_type: job.event_type.clone(),
            event_id: job.event_id.clone(),
            body: job.body.clone(),
            timeout_ms: job.policy.timeout.map(|timeout| u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX)),
            trace: job.trace.clone(),
            replay_of: None,
        }
    }

    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.timeout_ms.map(Duration::from_millis)
    }

    pub(crate) fn into_job(self) -> Job {
        let mut job = Job::new(self.event_type, self.body);
        job.event_id = self.event_id;
        job.trace = self.trace;
        job
    }
}
