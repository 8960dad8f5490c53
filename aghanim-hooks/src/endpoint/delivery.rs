use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;

use super::refusal::Refusal;
use crate::Rejection;
use crate::envelope;
use crate::environment::Limit;
use crate::event::{Delivered, EventArgument};
use crate::events::catalogue;
use crate::handler::Webhook;
use crate::reply::{Answer, Reply};

/// An authenticated request on its way to the handler that takes its event type.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "not for users")]
pub struct Delivery<S> {
    pub(super) parts: Parts,
    pub(super) body: Bytes,
    pub(super) state: S,
    pub(super) limit: Option<Limit>,
}

impl<S: Send + Sync + 'static> Delivery<S> {
    /// Envelope and payload, handler, answer.
    pub(crate) async fn run<H: Webhook<S>>(self) -> Answer {
        let Self { parts, body, state, limit } = self;
        let json = match std::str::from_utf8(&body) {
            Ok(json) => json,
            Err(error) => return Refusal::malformed(error).into_answer(),
        };
        let envelope = match envelope::parse(json) {
            Ok(envelope) => envelope,
            Err(malformed) => return Refusal::malformed(malformed).into_answer(),
        };
        let event_type = envelope.event_type.0.clone();
        for limit in [limit, H::LIMIT].into_iter().flatten() {
            let sandbox = envelope.sandbox.unwrap_or(false);
            match limit.outcome::<<H::Argument as EventArgument>::Payload>(&event_type, sandbox) {
                None => {}
                Some(outcome) => return answer(outcome, &event_type),
            }
        }
        let event = H::Argument::receive(Delivered { envelope, body: &body });
        answer(H::call(event, parts, state).await, &event_type)
    }
}

fn answer(outcome: Result<impl Reply, Rejection>, event_type: &str) -> Answer {
    match outcome.and_then(|reply| Answer::reply(&reply)) {
        Ok(answer) => answer,
        Err(rejection) => refuse(&rejection, event_type),
    }
}

/// A rejection in the shape of the event's own contract.
#[cold]
fn refuse(rejection: &Rejection, event_type: &str) -> Answer {
    if let Some(cause) = rejection.cause() {
        tracing::error!(event_type, cause, "a handler failed");
    }
    let status = StatusCode::from_u16(rejection.status()).expect("a rejection's status is one");
    let in_body = catalogue::find(event_type).is_some_and(|event| event.refusal == catalogue::Refusal::InBody);
    let status = if in_body && rejection.is_final() { StatusCode::OK } else { status };
    Answer { retry_after: rejection.retry_after(), ..Answer::error(status, rejection.code(), rejection.message()) }
}
