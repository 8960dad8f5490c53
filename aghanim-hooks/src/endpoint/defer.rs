//! The receiving side of a `later` handler: the event becomes a job, and the handler is not called.

use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use serde::de::IgnoredAny;

use super::call::{Call, Run};
use super::context::Context;
use crate::Rejection;
use crate::answer::Answer;
use crate::envelope;
use crate::idempotency::StoreError;
use crate::later::{Job, Policy};

/// The `Retry-After` of an event whose job can't be kept.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// A call that inserts a job in the transaction of the delivery, and acknowledges the event.
///
/// It replaces the handler's call, so keys, duplicates and failures are treated as for a handler with a `Tx`.
pub(super) fn enqueue(context: &Context, policy: Policy, body: &Bytes, parts: Parts) -> Call {
    let queue = context.settings.later.clone();
    let job = job(context, policy, body);
    let run: Run = Box::new(move |mut parts| {
        Box::pin(async move {
            let kept = match (queue, job) {
                (Some(queue), Some(job)) => queue.enqueue(&mut parts.extensions, &job).await,
                // This can't happen: the settings were checked when the endpoint was mounted, and the body when it was
                // decoded.
                _ => Err(StoreError::new("the endpoint has no engine, or the body is not UTF-8")),
            };
            kept.map(|()| Answer::ACK).map_err(|error| {
                tracing::error!(%error, "a job could not be kept; the delivery is answered with 503");
                Rejection::unavailable(RETRY_AFTER)
            })
        })
    });
    Call { parts, run }
}

fn job(context: &Context, policy: Policy, body: &Bytes) -> Option<Job> {
    let json = envelope::text(body).ok()?;
    let envelope = envelope::parse::<IgnoredAny>(json).ok()?;
    let mut job = Job::new(&*context.event_type, json);
    job.event_id = envelope.event_id.map(|id| id.0.into_owned());
    job.policy = policy.or(context.settings.deferred);
    job.trace = context.notes.trace();
    Some(job)
}
