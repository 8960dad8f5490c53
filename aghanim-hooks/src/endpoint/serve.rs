//! The steps of a request up to the handler, in order. `delivery.rs` has the rest.

use std::mem;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tokio::time::Instant;
use tracing::Instrument;

use super::context::Context;
use super::delivery::{AnswerFuture, Delivery};
use super::handlers::Handlers;
use super::notes::Notes;
use super::refusal::Refusal;
use super::settings::Settings;
use super::within::within;
use super::{call, read, route, verify};
use crate::answer::Answer;
use crate::handler::AnyState;
use crate::observer::Outcome;

/// Answers a request.
pub(super) async fn serve<S: AnyState>(
    mut request: Request,
    state: S,
    settings: Arc<Settings>,
    handlers: Handlers<S>,
) -> Response {
    let mut watched = Notes::begin(settings.observer.as_ref());
    let answer = match deliver(&mut request, state, settings, handlers, &mut watched.notes).await {
        Ok(answer) => answer,
        Err(refusal) => {
            refusal.note(&watched.notes);
            refusal.into_answer()
        }
    };
    watched.end(answer.status);
    answer.into_response()
}

/// Reads, verifies and routes a request, and passes it to its handler's future.
///
/// The handler's future does the rest: decode, idempotency, handler, answer.
async fn deliver<S: AnyState>(
    request: &mut Request,
    state: S,
    settings: Arc<Settings>,
    handlers: Handlers<S>,
    notes: &mut Notes,
) -> Result<Answer, Refusal> {
    let headers = verify::signed_headers(&settings.shared.ring, request.headers(), verify::now(request.extensions()))?;
    let (body, account) = read::body(mem::take(request.body_mut()), &settings).await?;
    notes.body(body.len());
    let now = verify::now(request.extensions());
    let secret = verify::signature(&settings.shared.ring, &headers, &body, now)?;
    drop(account);
    notes.authenticated(secret, &headers, now);
    verify::content(request.headers())?;
    let deadline = Instant::now() + settings.timeout;
    let (index, event_type) = route::find(&handlers, &body, settings.unknown_events, notes)?;
    let entry = handlers.entry(index);
    notes.event(|| route::label(&event_type, entry), &event_type);
    let places = settings.shared.gates.pass(&event_type, &settings.concurrency)?;
    notes.begin_span(&event_type, Some(secret), request.headers());
    let (span, shared) = (notes.span.clone(), Arc::clone(&settings.shared));
    let context = Box::new(Context {
        event_type,
        entry,
        settings,
        deadline,
        signature: Some(headers.signature()),
        notes: notes.clone(),
        _places: places,
        task: None,
    });
    let (parts, _) = mem::take(request).into_parts();
    let delivery = Delivery::new(parts, body, state, context);
    let answer = in_time(handlers.dispatch(index, delivery), deadline, entry.name, notes).instrument(span).await;
    if answer.status.is_success() {
        shared.succeeded(now);
    }
    Ok(answer)
}

/// Waits for the answer until the deadline. The handler is then dropped at its current `.await`.
pub(super) async fn in_time(answer: AnswerFuture, deadline: Instant, handler: &str, notes: &Notes) -> Answer {
    match within(|| deadline, AssertUnwindSafe(answer).catch_unwind()).await {
        Some(Ok(answer)) => answer,
        Some(Err(panic)) => {
            notes.outcome(Outcome::Failed);
            call::panicked(&*panic)
        }
        None => {
            notes.outcome(Outcome::TimedOut);
            call::too_slow(handler)
        }
    }
}
