//! A handler's rejection as an answer, in the shape of the event's own contract.

use http::StatusCode;

use crate::Rejection;
use crate::answer::Answer;
use crate::events::catalogue;

/// Answers a rejection. The cause of a failure is logged here, and is not sent.
#[cold]
pub(super) fn rejection(rejection: &Rejection, event_type: &str) -> Answer {
    if let Some(cause) = rejection.cause() {
        // Logged as a string, which a subscriber escapes: the cause may quote what a sender wrote.
        tracing::error!(event_type, cause = chain(cause), "a handler failed");
    }
    let status = StatusCode::from_u16(rejection.status()).expect("a rejection's status is valid");
    let in_body = catalogue::find(event_type).is_some_and(|event| event.refusal == catalogue::Refusal::InBody);
    let status = if in_body && rejection.is_decision() { StatusCode::OK } else { status };
    Answer { retry_after: rejection.retry_after(), ..Answer::error(status, rejection.code(), rejection.message()) }
}

/// An error and its causes in one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
