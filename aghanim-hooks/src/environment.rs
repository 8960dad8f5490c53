use std::fmt;

/// The environment that an event comes from: live or sandbox.
///
/// Limit an endpoint or a handler to one, so that a sandbox purchase cannot grant live items by mistake.
///
/// An endpoint can be limited to one environment with [`Webhooks::only`](crate::Webhooks::only), and a handler with
/// `only = …`; an event has to pass both:
///
/// ```
/// use aghanim_hooks::{Environment, Otherwise, Secret, Webhooks, webhook, webhooks};
/// use aghanim_hooks::events::{AnyOrder, ItemAdd};
///
/// /// Writes into the players' real inventories. Sandbox events are refused with a 400 that says so.
/// #[webhook("item.add", only = "live")]
/// async fn grant(event: ItemAdd) {
///     println!("{} items for {}", event.items.len(), event.player_id);
/// }
///
/// /// Counts revenue. Sandbox events are acknowledged, and not counted.
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
/// Two handlers of the same pattern, one with `only = "live"` and one with `only = "sandbox"`, share an endpoint: each gets
/// the events of its environment.
///
/// The envelope's `sandbox` says where an event comes from. An event without it, or with null, counts as live: the oldest
/// documented samples have none. [`Webhooks::require_sandbox_flag`](crate::Webhooks::require_sandbox_flag) refuses such
/// events instead. The environment is decided before the payload is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Environment {
    /// Real players and real money.
    Live,
    /// Aghanim's sandbox: `"sandbox": true`.
    Sandbox,
}

impl Environment {
    pub(crate) const fn differs(self, other: Self) -> bool {
        !matches!((self, other), (Self::Live, Self::Live) | (Self::Sandbox, Self::Sandbox))
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Live => "live",
            Self::Sandbox => "sandbox",
        })
    }
}

/// The answer to an event from the other [`Environment`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Otherwise {
    /// Refuse it: a 400 with the code `wrong_environment`, in the event's own shape.
    #[default]
    Refuse,
    /// Answer `{"status":"ok"}` and do nothing, so that it is not sent again.
    ///
    /// An event that asks for content, such as `player.verify`, is refused anyway: an acknowledgement does not answer it.
    Acknowledge,
}

/// The one environment that an endpoint or a handler takes events from.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    pub only: Environment,
    pub otherwise: Otherwise,
}
