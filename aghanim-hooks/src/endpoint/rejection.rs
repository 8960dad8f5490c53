//! A handler's rejection as an answer, in the shape of the event's own contract.

use std::borrow::Cow;

use http::StatusCode;

use super::error_id::ErrorId;
use crate::Rejection;
use crate::answer::Answer;
use crate::events::catalogue;
use crate::shorten::{shortened, shortened_cause};

/// Answers a rejection. The cause of a failure is logged here under an id, and only the id is sent.
#[cold]
pub(super) fn answer(rejection: &Rejection, event_type: &str) -> Answer {
    let mut message = Cow::Borrowed(rejection.message());
    if let Some(cause) = rejection.cause() {
        let id = ErrorId::new();
        // Logged as a string, which a subscriber escapes: the cause may quote what a sender wrote.
        let cause = chain(cause);
        tracing::error!(%id, event_type = &*shortened(event_type), cause = &*shortened_cause(&cause), "a handler failed");
        message = Cow::Owned(format!("{message} ({id})"));
    }
    let status = StatusCode::from_u16(rejection.status()).expect("a rejection's status is valid");
    let in_body = catalogue::find(event_type).is_some_and(|event| event.refusal == catalogue::Refusal::InBody);
    let status = if in_body && rejection.is_decision() { StatusCode::OK } else { status };
    Answer { retry_after: rejection.retry_after(), ..Answer::error(status, rejection.code(), &message) }
}

/// An error and its causes in one line.
pub(super) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
