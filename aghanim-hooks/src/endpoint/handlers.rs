//! The handlers of an endpoint, which `webhooks![…]` lists.

use std::fmt;
use std::sync::Arc;

use super::delivery::{AnswerFuture, Delivery};
use super::precedence::{Found, Routes};
use crate::handler::Entry;

/// The handlers of an endpoint. [`webhooks!`](crate::webhooks) makes it.
///
/// ```
/// use aghanim_hooks::{Handlers, webhook, webhooks};
/// use aghanim_hooks::events::ItemAdd;
///
/// #[webhook("item.add")]
/// async fn grant(_event: ItemAdd) {}
///
/// let handlers: Handlers<()> = webhooks![grant];
/// assert_eq!(handlers.events().collect::<Vec<_>>(), ["item.add"]);
/// ```
///
/// # Bundles
/// A library can export its handlers as one value, generic over the state, and a game merges them with its own:
///
/// ```
/// use aghanim_hooks::{Handlers, webhook, webhooks};
/// use aghanim_hooks::events::{ItemAdd, Order};
/// use axum::extract::{FromRef, State};
///
/// mod studio {
///     # use aghanim_hooks::{Handlers, webhook, webhooks};
///     # use aghanim_hooks::events::Order;
///     # use axum::extract::{FromRef, State};
///     #[derive(Clone)]
///     pub struct Ledger;
///
///     #[webhook("order.paid")]
///     async fn book(State(_ledger): State<Ledger>, _order: Order) {}
///
///     pub fn handlers<S>() -> Handlers<S>
///     where
///         S: Send + Sync + 'static,
///         Ledger: FromRef<S>,
///     {
///         webhooks![book]
///     }
/// }
///
/// #[webhook("item.add")]
/// async fn grant(_event: ItemAdd) {}
///
/// let handlers: Handlers<studio::Ledger> = webhooks![grant].merge(studio::handlers());
/// assert_eq!(handlers.events().collect::<Vec<_>>(), ["item.add", "order.paid"]);
/// ```
pub struct Handlers<S> {
    listed: Arc<[Listed<S>]>,
    routes: Arc<Routes>,
}

/// A handler, and where its list has it.
struct Listed<S> {
    entry: &'static Entry,
    index: usize,
    dispatch: Dispatch<S>,
}

/// Runs the handler at an index of the list.
type Dispatch<S> = fn(usize, Delivery<S>) -> AnswerFuture;

impl<S> Handlers<S> {
    /// Called by the expansion of `webhooks![…]`.
    #[doc(hidden)]
    #[must_use]
    pub fn from_list(entries: &'static [Entry], dispatch: Dispatch<S>) -> Self {
        Self::new(entries.iter().enumerate().map(|(index, entry)| Listed { entry, index, dispatch }).collect())
    }

    fn new(listed: Arc<[Listed<S>]>) -> Self {
        let routes = Routes::new(listed.iter().map(|handler| handler.entry));
        Self { listed, routes: Arc::new(routes) }
    }

    /// Adds the handlers of another list, such as those of a library.
    ///
    /// Two handlers of one pattern are found when the endpoint is built: see
    /// [`ConfigError::TwoHandlers`](crate::ConfigError::TwoHandlers).
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        let (first, Self { listed: second, .. }) = (self.listed, other);
        Self::new(first.iter().chain(&*second).copied().collect())
    }

    /// The patterns that have a handler, in the order of the list.
    pub fn events(&self) -> impl Iterator<Item = &'static str> + use<S> {
        let entries: Vec<_> = self.entries().collect();
        entries.into_iter().flat_map(|entry| entry.patterns.iter().copied())
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &'static Entry> {
        self.listed.iter().map(|handler| handler.entry)
    }

    pub(super) fn entry(&self, index: usize) -> &'static Entry {
        self.listed[index].entry
    }

    /// The handler that takes an event. Public for the benchmarks.
    #[doc(hidden)]
    #[must_use]
    pub fn find(&self, event_type: &str) -> Option<Found> {
        self.routes.find(event_type)
    }

    /// The handler, or the pair of them, of a pattern.
    pub(super) fn find_pattern(&self, pattern: &str) -> Option<Found> {
        self.routes.find_pattern(pattern)
    }

    pub(super) fn dispatch(&self, index: usize, delivery: Delivery<S>) -> AnswerFuture {
        let handler = &self.listed[index];
        (handler.dispatch)(handler.index, delivery)
    }
}

impl<S> Clone for Handlers<S> {
    fn clone(&self) -> Self {
        Self { listed: Arc::clone(&self.listed), routes: Arc::clone(&self.routes) }
    }
}

impl<S> fmt::Debug for Handlers<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries()).finish()
    }
}

// Written by hand: a derive would require `S: Clone` and `S: Copy`.
impl<S> Clone for Listed<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Listed<S> {}

/// Gives every type a `_deliver`, so that [`Listed`](crate::handler::Listed) alone reports an entry that is not a handler.
#[doc(hidden)]
pub trait NotListed {
    fn _deliver<S>(delivery: Delivery<S>) -> AnswerFuture;
}

impl<T: ?Sized> NotListed for T {
    fn _deliver<S>(_: Delivery<S>) -> AnswerFuture {
        unreachable!("a list with an entry that is not a handler does not compile")
    }
}
