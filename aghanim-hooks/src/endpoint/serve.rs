//! The steps of a request until its sender is trusted, in order. `dispatch.rs` has the next ones.

use std::mem;
use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};

use super::dispatch::{Signed, dispatch};
use super::handlers::Handlers;
use super::notes::Notes;
use super::refusal::Refusal;
use super::settings::Settings;
use super::{read, verify};
use crate::answer::Answer;
use crate::handler::AnyState;

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

/// Reads and verifies a request, and passes it to its handler.
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
    let signed = Signed { signature: headers.signature(), secret };
    let (parts, _) = mem::take(request).into_parts();
    let shared = Arc::clone(&settings.shared);
    let answer = dispatch(parts, body, state, settings, &handlers, Some(&signed), notes)?.answer(notes).await;
    if answer.status.is_success() {
        shared.succeeded(now);
    }
    Ok(answer)
}
