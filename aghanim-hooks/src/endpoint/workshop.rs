//! The handlers of an endpoint, as a worker calls them.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use http::Request;
use http::request::Parts;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument as _;

use super::context::Context;
use super::delivery::Delivery;
use super::handlers::Handlers;
use super::notes::Notes;
use super::precedence::Found;
use super::route;
use super::settings::{LONGEST_TIMEOUT, Settings};
use super::task::Task;
use super::watched_attempt::WatchedAttempt;
use super::webhooks::Webhooks;
use super::work::{failed, panicked};
use crate::control::Places;
use crate::envelope;
use crate::handler::AnyState;
use crate::idempotency::{BoxFuture, StoreError};
use crate::later::{Attempt, Complete, Job, Outcome, Run, Worker};
use crate::observer::Report;

/// The handlers of an endpoint, as a worker calls them.
pub(super) struct Workshop<S> {
    pub(super) settings: Arc<Settings>,
    pub(super) handlers: Handlers<S>,
    pub(super) state: S,
}

impl<S: AnyState + Clone> Run for Workshop<S> {
    fn run(&self, job: Job, attempt: Attempt, complete: Box<dyn Complete>) -> BoxFuture<'static, Outcome> {
        let found = self.find(&job);
        let event = found.map_or(Report::OTHER, |index| route::label(&job.event_type, self.handlers.entry(index)));
        let watched = WatchedAttempt::begin(self.settings.observer.as_ref(), event, &job, attempt);
        let worked = self.start(found, job, attempt, complete).instrument(watched.span());
        Box::pin(async move {
            let outcome = worked.await;
            watched.end(&outcome);
            outcome
        })
    }
}

impl<S: AnyState + Clone> Workshop<S> {
    fn start(
        &self,
        found: Option<usize>,
        job: Job,
        attempt: Attempt,
        complete: Box<dyn Complete>,
    ) -> BoxFuture<'static, Outcome> {
        let Some(index) = found else {
            let reason = format!("this worker has no `later` handler for `{}`", job.event_type);
            return Box::pin(async { Outcome::Failed { reason } });
        };
        let deadline = Instant::now() + attempt.timeout.min(LONGEST_TIMEOUT);
        let (sender, outcome) = oneshot::channel();
        let context = Box::new(Context {
            event_type: job.event_type.into(),
            entry: self.handlers.entry(index),
            settings: Arc::clone(&self.settings),
            deadline,
            signature: None,
            notes: Notes::none(),
            _places: Places::default(),
            task: Some(Task::new(complete, sender)),
        });
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

/// The head of an empty request, for extractors that need no request.
fn parts(attempt: Attempt) -> Parts {
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.extensions.insert(attempt);
    parts
}

impl Webhooks {
    /// Makes a worker for the `later` handlers of an endpoint without a state.
    ///
    /// Start it in this process, or in another one that builds the same endpoint.
    ///
    /// See [`later`](crate::later) for an example.
    pub fn worker(&self) -> Worker {
        self.worker_with(())
    }
}

impl<S: AnyState + Clone> Webhooks<S> {
    /// Makes a worker for the `later` handlers, with the state for their `State` parameters.
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
    /// The queues that `later` handlers name in their attributes, and the endpoint's own.
    fn queues(&self) -> Vec<&'static str> {
        let named = self.handlers.entries().filter_map(|entry| entry.later.and_then(|policy| policy.queue));
        let mut queues: Vec<_> = named.chain(self.settings.deferred.queue).collect();
        queues.sort_unstable();
        queues.dedup();
        queues
    }
}
