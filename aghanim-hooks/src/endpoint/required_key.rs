//! The events that are refused without an idempotency key.

use super::context::Context;
use super::decode::Decoded;
use super::refusal::Refusal;
use crate::answer::Answer;
use crate::observer::Outcome;
use crate::pattern::covers;

/// Returns the answer to an event without a key, where the endpoint requires one.
pub(super) fn missing_key(context: &Context, decoded: &Decoded) -> Option<Answer> {
    let required = || context.settings.key_required.iter().any(|pattern| covers(pattern, &context.event_type));
    if decoded.has_key || !required() {
        return None;
    }
    context.notes.outcome(Outcome::NoKey);
    Some(Refusal::no_key(&context.event_type).into_answer())
}
