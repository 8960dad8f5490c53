//! A substitute for the idempotency key of a granting event that has none.
//!
//! A signed request stays valid for the whole time window, by default 72 hours. Without a key, anyone who captures such
//! a request could send it many times, and each time the items would be granted. So the event id is used as the key, or
//! the signature if there is no event id either. Both are the same when the request is sent again unchanged.

use crate::endpoint::context::Context;
use crate::envelope::Envelope;
use crate::idempotency::Key;
use crate::pattern::covers;

/// The events that Aghanim documents with an idempotency key. Their effect must happen once.
const GRANTING: [&str; 5] = ["item.*", "order.*", "payment.*", "subscription.*", "coupon.redeemed"];

/// Returns a key for a granting event without an idempotency key.
pub(super) fn key<T>(envelope: &Envelope<'_, T>, context: &Context) -> Option<Key> {
    if !context.settings.replay_guard || !GRANTING.iter().any(|pattern| covers(pattern, &context.event_type)) {
        return None;
    }
    // A real key equals a substitute only if Aghanim makes it so on purpose.
    let substitute = match envelope.event_id.as_ref().map(|id| &*id.0).filter(|id| !id.is_empty()) {
        Some(id) => format!("no key, event id {id}"),
        None => format!("no key, signature {}", context.signature?),
    };
    Some(Key::in_scope_of(envelope, &substitute))
}
