//! Finds the handler of an event by its type.

use std::borrow::Cow;

use super::handlers::Handlers;
use super::notes::Notes;
use super::precedence::Found;
use super::refusal::Refusal;
use super::settings::UnknownEvents;
use crate::envelope;
use crate::events::catalogue;
use crate::handler::Entry;
use crate::observer::Report;
use crate::pattern::covers;

/// Finds the event's type, and the index of its handler.
pub(super) fn find<S>(
    handlers: &Handlers<S>,
    body: &[u8],
    unknown_events: UnknownEvents,
    notes: &Notes,
) -> Result<(usize, Cow<'static, str>), Refusal> {
    let Some(event_type) = envelope::event_type(body) else {
        return Err(Refusal::malformed(&envelope::why_no_event_type(body)));
    };
    let index = match handlers.find(&event_type) {
        Some(Found::One(index)) => index,
        Some(Found::ByEnvironment { live, sandbox }) => {
            if envelope::is_sandbox(body).map_err(|malformed| Refusal::malformed(&malformed))? { sandbox } else { live }
        }
        None => {
            notes.event(|| Report::OTHER, &event_type);
            return Err(unknown(&event_type, body, unknown_events));
        }
    };
    // A handler of this one event names it already.
    let listed = handlers.entry(index).patterns.iter().find(|pattern| **pattern == event_type);
    Ok((index, listed.map_or_else(|| Cow::Owned(event_type.into_owned()), |name| Cow::Borrowed(*name))))
}

/// The name of an event from a bounded set: its own if it is documented or listed, else the pattern that takes it.
pub(super) fn label(event_type: &str, entry: &Entry) -> &'static str {
    let patterns = entry.patterns.iter().filter(|pattern| covers(pattern, event_type));
    let documented = catalogue::find(event_type).map(|event| event.name);
    documented.or_else(|| patterns.max_by_key(|pattern| pattern.len()).copied()).unwrap_or(Report::OTHER)
}

#[cold]
fn unknown(event_type: &str, body: &[u8], policy: UnknownEvents) -> Refusal {
    match (envelope::check(body), policy) {
        // A body that is cut off, or that names two events, must not be acknowledged.
        (Err(malformed), _) => Refusal::malformed(&malformed),
        (Ok(()), UnknownEvents::Refuse) => Refusal::unknown_event(event_type),
        (Ok(()), UnknownEvents::Accept) => Refusal::IgnoredEvent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_never_the_senders_choice() {
        let entry = Entry::new("rest", &["analytics.*", "*", "guild.joined"]);
        for (event_type, expected) in [
            ("item.add", "item.add"),
            ("guild.joined", "guild.joined"),
            ("analytics.brand.new", "analytics.*"),
            ("a stranger's text", "*"),
        ] {
            assert_eq!(label(event_type, &entry), expected);
        }
    }
}
