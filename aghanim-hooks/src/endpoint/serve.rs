//! The way of a request, step by step.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tokio::time::{Instant, timeout_at};

use super::delivery::{AnswerFuture, Context, Delivery};
use super::handlers::Handlers;
use super::refusal::Refusal;
use super::settings::Settings;
use super::{call, read, route, verify};
use crate::answer::Answer;
use crate::handler::AnyState;

/// Answers a request.
pub(super) async fn serve<S: AnyState>(
    request: Request,
    state: S,
    settings: Arc<Settings>,
    handlers: Handlers<S>,
) -> Response {
    deliver(request, state, settings, handlers).await.unwrap_or_else(Refusal::into_answer).into_response()
}

/// read, verify, route. The handler's own future continues: decode, idempotency, handler, answer.
async fn deliver<S: AnyState>(
    request: Request,
    state: S,
    settings: Arc<Settings>,
    handlers: Handlers<S>,
) -> Result<Answer, Refusal> {
    let (parts, body) = request.into_parts();
    let headers = verify::signed_headers(&settings.verifier, &parts.headers, verify::now(&parts.extensions))?;
    let (body, account) = read::body(body, &settings).await?;
    verify::signature(&settings.verifier, &headers, &body, verify::now(&parts.extensions))?;
    drop(account);
    verify::content(&parts.headers)?;
    let deadline = Instant::now() + settings.timeout;
    let (index, event_type) = route::find(&handlers, &body, settings.unknown_events)?;
    let entry = handlers.entry(index);
    let delivery = Delivery::new(
        parts,
        body,
        state,
        Context { event_type, entry, settings, deadline, signature: headers.signature() },
    );
    Ok(in_time(handlers.dispatch(index, delivery), deadline, entry.name).await)
}

/// Waits for the answer until the deadline. The handler is then dropped at its current `.await`.
async fn in_time(answer: AnswerFuture, deadline: Instant, handler: &str) -> Answer {
    match timeout_at(deadline, AssertUnwindSafe(answer).catch_unwind()).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(panic)) => call::panicked(&*panic),
        Err(_) => call::too_slow(handler),
    }
}
