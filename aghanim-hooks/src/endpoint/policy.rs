//! Decisions that the endpoint makes without asking the handler: the environment, and a missing flag or key.

use super::context::Context;
use super::decode::Decoded;
use super::refusal::Refusal;
use super::respond;
use crate::Rejection;
use crate::answer::Answer;
use crate::codec::ReplyKind;
use crate::environment::{Environment, Limit, Otherwise};
use crate::events::catalogue;
use crate::observer::Outcome;
use crate::pattern::covers;
use crate::shorten::shortened;

/// Returns the answer to an event that must not reach its handler.
pub(super) fn refuse(context: &Context, decoded: &Decoded) -> Option<Answer> {
    missing_sandbox_flag(context, decoded)
        .or_else(|| wrong_environment(context, decoded))
        .or_else(|| missing_key(context, decoded))
}

fn missing_sandbox_flag(context: &Context, decoded: &Decoded) -> Option<Answer> {
    let missing = context.settings.sandbox_flag_required && !decoded.has_sandbox_flag;
    missing.then(|| {
        context.notes.outcome(Outcome::NoSandboxFlag);
        Refusal::NoSandboxFlag.into_answer()
    })
}

/// Returns the answer to an event from an environment that the endpoint or the handler does not take.
pub(super) fn wrong_environment(context: &Context, decoded: &Decoded) -> Option<Answer> {
    let came_from = if decoded.sandbox { Environment::Sandbox } else { Environment::Live };
    let mut limits = [context.settings.limit, context.entry.limit].into_iter().flatten();
    let limit = limits.find(|limit| limit.only != came_from)?;
    let acknowledge = limit.otherwise == Otherwise::Acknowledge && ack_is_enough(decoded.reply, &context.event_type);
    context.notes.outcome(Outcome::WrongEnvironment);
    tracing::info!(
        event_type = &*shortened(&context.event_type),
        %came_from,
        only = %limit.only,
        acknowledge,
        "an event came from the other environment"
    );
    if acknowledge {
        return Some(Answer::ACK);
    }
    Some(respond::rejection(&rejection(limit, came_from), &context.event_type))
}

fn rejection(limit: Limit, came_from: Environment) -> Rejection {
    let message = format!("Only {} events are taken here; this is a {came_from} event", limit.only);
    Rejection::deny("wrong_environment", message)
}

/// True if an acknowledgement is all that Aghanim asks for.
fn ack_is_enough(reply: ReplyKind, event_type: &str) -> bool {
    match reply {
        ReplyKind::Ack => true,
        ReplyKind::Content => false,
        ReplyKind::Any => catalogue::find(event_type).is_none_or(|event| !event.needs_answer()),
    }
}

fn missing_key(context: &Context, decoded: &Decoded) -> Option<Answer> {
    let required = || context.settings.key_required.iter().any(|pattern| covers(pattern, &context.event_type));
    if decoded.has_key || !required() {
        return None;
    }
    context.notes.outcome(Outcome::NoKey);
    Some(Refusal::no_key(&context.event_type).into_answer())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_events_that_ask_for_nothing_more_are_acknowledged() {
        assert!(ack_is_enough(ReplyKind::Ack, "item.add"));
        assert!(!ack_is_enough(ReplyKind::Content, "player.verify"));
        assert!(ack_is_enough(ReplyKind::Any, "player.is_idle"));
        assert!(ack_is_enough(ReplyKind::Any, "brand.new"));
        assert!(!ack_is_enough(ReplyKind::Any, "store.get"));
    }

    #[test]
    fn a_refusal_says_which_environment() {
        let limit = Limit { only: Environment::Live, otherwise: Otherwise::Refuse };
        let refused = rejection(limit, Environment::Sandbox);
        assert_eq!((refused.status(), refused.code()), (400, "wrong_environment"));
        assert_eq!(refused.message(), "Only live events are taken here; this is a sandbox event");
    }
}
