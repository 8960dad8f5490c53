//! From the type of an event to its handler.

use super::handlers::Handlers;
use super::refusal::Refusal;
use super::routes::Found;
use super::settings::UnknownEvents;
use crate::envelope;

/// Finds the event's type, and the index of its handler.
pub(super) fn find<S>(
    handlers: &Handlers<S>,
    body: &[u8],
    unknown_events: UnknownEvents,
) -> Result<(usize, String), Refusal> {
    let Some(event_type) = envelope::event_type(body) else {
        return Err(Refusal::malformed(envelope::why_no_event_type(body)));
    };
    let index = match handlers.find(&event_type) {
        Some(Found::One(index)) => index,
        Some(Found::ByEnvironment { live, sandbox }) => {
            if envelope::is_sandbox(body).map_err(Refusal::malformed)? {
                sandbox
            } else {
                live
            }
        }
        None => return Err(unknown(&event_type, body, unknown_events)),
    };
    Ok((index, event_type.into_owned()))
}

#[cold]
fn unknown(event_type: &str, body: &[u8], policy: UnknownEvents) -> Refusal {
    match (envelope::check(body), policy) {
        // A body that is cut off, or that names two events, must not be acknowledged.
        (Err(malformed), _) => Refusal::malformed(malformed),
        (Ok(()), UnknownEvents::Refuse) => Refusal::unknown_event(event_type),
        (Ok(()), UnknownEvents::Accept) => Refusal::IgnoredEvent,
    }
}
