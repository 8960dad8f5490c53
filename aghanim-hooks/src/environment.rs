use std::any::TypeId;
use std::fmt;

use crate::events::catalogue;
use crate::{Ack, AnyReply, Rejection};

/// Where an event comes from, so that a sandbox purchase can't grant live items by mistake.
///
/// An endpoint can be limited to one environment with [`Webhooks::only`](crate::Webhooks::only), and a handler with
/// `only = …`; an event has to pass both:
///
/// ```
/// use aghanim_hooks::{Environment, Otherwise, Secret, Webhooks, webhook, webhooks};
/// use aghanim_hooks::events::{AnyOrder, ItemAdd};
///
/// /// Writes into the players' real inventories. What the sandbox sends is refused, with a 400 that says so.
/// #[webhook("item.add", only = "live")]
/// async fn grant(event: ItemAdd) {
///     println!("{} items for {}", event.items.len(), event.player_id);
/// }
///
/// /// Counts revenue. What the sandbox sends is acknowledged, and not counted.
/// #[webhook("order.*", only = "live", otherwise = "acknowledge")]
/// async fn count(event: AnyOrder) {
///     println!("{:?}", event.revenue_usd);
/// }
///
/// # fn main() -> Result<(), aghanim_hooks::signature::SecretError> {
/// # let secret = Secret::new("whsec_4f1c9d0a77b2e8d6")?;
/// // Or, for all of its handlers:
/// let hooks: Webhooks = Webhooks::new(secret, webhooks![grant, count]).only(Environment::Live, Otherwise::Refuse);
/// # Ok(())
/// # }
/// ```
///
/// An event says where it comes from in the envelope's `sandbox`. Where that is absent or null, as in the oldest
/// documented samples, the event counts as live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Environment {
    /// Real players and real money.
    Live,
    /// Aghanim's sandbox: `"sandbox": true`.
    Sandbox,
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Live => "live",
            Self::Sandbox => "sandbox",
        })
    }
}

/// What to answer to an event that comes from the other [`Environment`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Otherwise {
    /// Refuse it: a 400 with the code `wrong_environment`, in the event's own shape.
    #[default]
    Refuse,
    /// Answer `{"status":"ok"}` and do nothing, so that it is not sent again.
    ///
    /// An event that asks for content, such as `player.verify`, can't be acknowledged: it is refused all the same.
    Acknowledge,
}

/// The one environment that an endpoint or a handler takes events from.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    pub only: Environment,
    pub otherwise: Otherwise,
}

impl Limit {
    /// `None` for an event that may pass; else its answer, given without asking the handler. `reply` is the type that
    /// its payload asks for.
    pub(crate) fn outcome(self, reply: TypeId, event_type: &str, sandbox: bool) -> Option<Result<Ack, Rejection>> {
        let came_from = if sandbox { Environment::Sandbox } else { Environment::Live };
        if came_from == self.only {
            return None;
        }
        let acknowledge = self.otherwise == Otherwise::Acknowledge && ack_is_enough(reply, event_type);
        tracing::info!(event_type, %came_from, only = %self.only, acknowledge, "an event for the other environment");
        Some(if acknowledge { Ok(Ack) } else { Err(self.refusal(came_from)) })
    }

    fn refusal(self, came_from: Environment) -> Rejection {
        let message = format!("Only {} events are taken here; this is a {came_from} event", self.only);
        Rejection::deny("wrong_environment", message)
    }
}

/// Whether an acknowledgement says all that Aghanim asks for.
fn ack_is_enough(reply: TypeId, event_type: &str) -> bool {
    // A reply that can be anything says nothing; then the event does.
    reply == TypeId::of::<Ack>()
        || reply == TypeId::of::<AnyReply>() && catalogue::find(event_type).is_none_or(|event| !event.needs_answer())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::{ItemAdd, PlayerIsIdle, PlayerVerify, StoreGet};
    use crate::{RawEvent, WebhookEvent};

    const LIVE: Limit = Limit { only: Environment::Live, otherwise: Otherwise::Acknowledge };

    #[test]
    fn its_own_environment_passes() {
        assert!(LIVE.outcome(TypeId::of::<<ItemAdd as WebhookEvent>::Reply>(), "item.add", false).is_none());
        let sandbox = Limit { only: Environment::Sandbox, otherwise: Otherwise::Refuse };
        assert!(sandbox.outcome(TypeId::of::<<ItemAdd as WebhookEvent>::Reply>(), "item.add", true).is_none());
        assert!(sandbox.outcome(TypeId::of::<<ItemAdd as WebhookEvent>::Reply>(), "item.add", false).unwrap().is_err());
    }

    #[test]
    fn only_what_asks_for_nothing_more_is_acknowledged() {
        assert!(LIVE.outcome(TypeId::of::<<ItemAdd as WebhookEvent>::Reply>(), "item.add", true).unwrap().is_ok());
        assert!(
            LIVE.outcome(TypeId::of::<<PlayerIsIdle as WebhookEvent>::Reply>(), "player.is_idle", true)
                .unwrap()
                .is_ok()
        );
        assert!(LIVE.outcome(TypeId::of::<<RawEvent as WebhookEvent>::Reply>(), "brand.new", true).unwrap().is_ok());
        assert!(
            LIVE.outcome(TypeId::of::<<PlayerVerify as WebhookEvent>::Reply>(), "player.verify", true)
                .unwrap()
                .is_err()
        );
        assert!(LIVE.outcome(TypeId::of::<<StoreGet as WebhookEvent>::Reply>(), "store.get", true).unwrap().is_err());
        assert!(LIVE.outcome(TypeId::of::<<RawEvent as WebhookEvent>::Reply>(), "store.get", true).unwrap().is_err());
    }

    #[test]
    fn a_refusal_says_which_environment() {
        let refused = Limit { otherwise: Otherwise::Refuse, ..LIVE }.outcome(
            TypeId::of::<<ItemAdd as WebhookEvent>::Reply>(),
            "item.add",
            true,
        );
        let refused = refused.unwrap().unwrap_err();
        assert_eq!((refused.status(), refused.code()), (400, "wrong_environment"));
        assert_eq!(refused.message(), "Only live events are taken here; this is a sandbox event");
    }
}
