//! The handlers of an endpoint as a worker calls them, job by job.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http::Request;
use http::request::Parts;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::context::Context;
use super::delivery::Delivery;
use super::handlers::Handlers;
use super::notes::Notes;
use super::precedence::Found;
use super::settings::Settings;
use super::task::Task;
use super::webhooks::Webhooks;
use super::work::{failed, panicked};
use crate::control::Places;
use crate::envelope;
use crate::handler::AnyState;
use crate::idempotency::{BoxFuture, StoreError};
use crate::later::{Attempt, Complete, Job, Outcome, Run, Worker};

/// The longest attempt. Every clock can still represent it.
const LONGEST_TIMEOUT: Duration = Duration::from_hours(24);

/// The handlers of an endpoint, as a worker calls them.
pub(super) struct Workshop<S> {
    pub(super) settings: Arc<Settings>,
    pub(super) handlers: Handlers<S>,
    pub(super) state: S,
}

impl<S: AnyState + Clone> Run for Workshop<S> {
    fn run(&self, job: Job, attempt: Attempt, complete: Box<dyn Complete>) -> BoxFuture<'static, Outcome> {
        let event_type = job.event_type.clone();
        let worked = self.start(job, attempt, complete);
        Box::pin(async move {
            let outcome = worked.await;
            report(&event_type, attempt, &outcome);
            outcome
        })
    }
}

impl<S: AnyState + Clone> Workshop<S> {
    fn start(&self, job: Job, attempt: Attempt, complete: Box<dyn Complete>) -> BoxFuture<'static, Outcome> {
        let Some(index) = self.find(&job) else {
            let reason = format!("this worker has no `later` handler for `{}`", job.event_type);
            return Box::pin(async { Outcome::Failed { reason } });
        };
        let deadline = Instant::now() + attempt.timeout.min(LONGEST_TIMEOUT);
        let (sender, outcome) = oneshot::channel();
        let context = Context {
            event_type: job.event_type,
            entry: self.handlers.entry(index),
            settings: Arc::clone(&self.settings),
            deadline,
            signature: None,
            notes: Notes::none(),
            _places: Places::default(),
            task: Some(Task::new(complete, sender)),
        };
        let delivery = Delivery::new(parts(attempt), Bytes::from(job.body), self.state.clone(), context);
        let worked = self.handlers.dispatch(index, delivery);
        Box::pin(async move {
            match timeout_at(deadline, AssertUnwindSafe(worked).catch_unwind()).await {
                Ok(Ok(_)) => outcome.await.unwrap_or_else(|_| failed("the attempt has no outcome")),
                Ok(Err(panic)) => panicked(&*panic),
                Err(_) => failed(format!("not done within {:?}", attempt.timeout)),
            }
        })
    }
}

impl<S> Workshop<S> {
    fn find(&self, job: &Job) -> Option<usize> {
        let index = match self.handlers.find(&job.event_type)? {
            Found::One(index) => index,
            Found::ByEnvironment { live, sandbox } => {
                if envelope::is_sandbox(job.body.as_bytes()).ok()? {
                    sandbox
                } else {
                    live
                }
            }
        };
        self.handlers.entry(index).later.map(|_| index)
    }
}

/// The head of a request, for extractors that need none.
fn parts(attempt: Attempt) -> Parts {
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.extensions.insert(attempt);
    parts
}

/// Logs what a person may have to act on. Reasons may quote a sender, so they are logged as strings, which a subscriber
/// escapes.
fn report(event_type: &str, attempt: Attempt, outcome: &Outcome) {
    let Attempt { number, of, .. } = attempt;
    match outcome {
        Outcome::Completed | Outcome::Superseded => {}
        Outcome::Failed { reason } if number >= of => {
            tracing::error!(event_type, attempt = number, of, reason, "the last attempt failed: a dead letter");
        }
        Outcome::Failed { reason } => {
            tracing::warn!(event_type, attempt = number, of, reason, "an attempt failed; it is made again");
        }
        Outcome::Refused { code, message } => {
            tracing::error!(event_type, code, message, "a `later` handler refused an event: a dead letter");
        }
        Outcome::Lost => {
            tracing::warn!(event_type, attempt = number, "another worker has this job by now; nothing was kept");
        }
    }
}

impl Webhooks {
    /// A worker for the `later` handlers of an endpoint without a state. Start it here, or in another binary that builds
    /// the same endpoint.
    ///
    /// See [`later`](crate::later) for an example.
    pub fn worker(&self) -> Worker {
        self.worker_with(())
    }
}

impl<S: AnyState + Clone> Webhooks<S> {
    /// A worker for the `later` handlers, with the state that their `State` parameters take from.
    pub fn worker_with(&self, state: S) -> Worker {
        let run = Workshop { settings: Arc::clone(&self.settings), handlers: self.handlers.clone(), state };
        match self.check() {
            Err(error) => Worker::refused(StoreError::new(error)),
            Ok(()) => match &self.settings.later {
                None => Worker::refused(StoreError::new("a worker needs an engine: add `.later(…)` to the endpoint")),
                Some(queue) => Worker::new(Arc::clone(queue), Arc::new(run), self.queues()),
            },
        }
    }
}

impl<S> Webhooks<S> {
    /// The queues that `later` handlers name in their attributes.
    fn queues(&self) -> Vec<&'static str> {
        let mut queues: Vec<_> =
            self.handlers.entries().filter_map(|entry| entry.later.and_then(|policy| policy.queue)).collect();
        queues.sort_unstable();
        queues.dedup();
        queues
    }
}
