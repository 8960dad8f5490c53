//! Live or sandbox: the events that are answered without asking their handler.

use super::context::Context;
use super::decode::Decoded;
use super::refusal::Refusal;
use super::rejection;
use crate::Rejection;
use crate::answer::Answer;
use crate::codec::ReplyKind;
use crate::environment::{Environment, Limit, Otherwise};
use crate::events::catalogue;
use crate::observer::Outcome;
use crate::shorten::shortened;

/// Returns the answer to an event that does not say which environment it comes from, where it must.
pub(super) fn missing_flag(context: &Context, decoded: &Decoded) -> Option<Answer> {
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
    Some(rejection::answer(&refusal(limit, came_from), &context.event_type))
}

fn refusal(limit: Limit, came_from: Environment) -> Rejection {
    let message = format!("Only {} events are taken here; this is a {came_from} event", limit.only);
    Rejection::deny("wrong_environment", message)
}

/// True if Aghanim asks for an acknowledgement only.
fn ack_is_enough(reply: ReplyKind, event_type: &str) -> bool {
    match reply {
        ReplyKind::Ack => true,
        ReplyKind::Content => false,
        ReplyKind::Any => catalogue::find(event_type).is_none_or(|event| !event.needs_answer()),
    }
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
        let refused = refusal(limit, Environment::Sandbox);
        assert_eq!((refused.status(), refused.code()), (400, "wrong_environment"));
        assert_eq!(refused.message(), "Only live events are taken here; this is a sandbox event");
    }
}
