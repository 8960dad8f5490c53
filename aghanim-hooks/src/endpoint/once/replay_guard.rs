//! A stand-in for the idempotency key of a granting event that has none.
//!
//! A signed request stays valid for the whole time window, by default 72 hours. Without a key, whoever captured one could
//! send it again and again, and each time the items would be granted. The event id is the key then, or the signature if
//! there is no event id either: a request that is sent again unchanged has the same.

use crate::endpoint::context::Context;
use crate::envelope::Envelope;
use crate::idempotency::Key;
use crate::pattern::covers;

/// The events that Aghanim documents as having an idempotency key: what they ask for must happen once.
const GRANTING: [&str; 5] = ["item.*", "order.*", "payment.*", "subscription.*", "coupon.redeemed"];

/// Returns a key for a granting event without an idempotency key.
pub(super) fn key<T>(envelope: &Envelope<'_, T>, context: &Context) -> Option<Key> {
    if !context.settings.replay_guard || !GRANTING.iter().any(|pattern| covers(pattern, &context.event_type)) {
        return None;
    }
    // A key of Aghanim's could equal a stand-in only if Aghanim chose it so.
    let stand_in = match envelope.event_id.as_ref().map(|id| &*id.0).filter(|id| !id.is_empty()) {
        Some(id) => format!("no key, event id {id}"),
        None => format!("no key, signature {}", context.signature?),
    };
    Some(Key::in_scope_of(envelope, &stand_in))
}
