//! The handlers of an endpoint, which `webhooks![…]` lists.

use std::fmt;
use std::sync::Arc;

use super::delivery::{AnswerFuture, Delivery};
use super::routes::Routes;
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
pub struct Handlers<S> {
    entries: &'static [Entry],
    routes: Arc<Routes>,
    dispatch: Dispatch<S>,
}

/// Runs the handler at an index of the list.
type Dispatch<S> = fn(usize, Delivery<S>) -> AnswerFuture;

impl<S> Handlers<S> {
    /// Called by the expansion of `webhooks![…]`.
    #[doc(hidden)]
    #[must_use]
    pub fn from_list(entries: &'static [Entry], dispatch: Dispatch<S>) -> Self {
        Self { entries, routes: Arc::new(Routes::new(entries)), dispatch }
    }

    /// The patterns that have a handler, in the order of the list.
    pub fn events(&self) -> impl Iterator<Item = &'static str> + use<S> {
        self.entries.iter().flat_map(|entry| entry.patterns.iter().copied())
    }

    pub(super) fn entries(&self) -> &'static [Entry] {
        self.entries
    }

    pub(super) fn entry(&self, index: usize) -> &'static Entry {
        &self.entries[index]
    }

    /// The index of the handler that takes an event. Public for the benchmarks.
    #[doc(hidden)]
    #[must_use]
    pub fn find(&self, event_type: &str) -> Option<usize> {
        self.routes.find(event_type)
    }

    pub(super) fn dispatch(&self, index: usize, delivery: Delivery<S>) -> AnswerFuture {
        (self.dispatch)(index, delivery)
    }
}

impl<S> Clone for Handlers<S> {
    fn clone(&self) -> Self {
        Self { entries: self.entries, routes: Arc::clone(&self.routes), dispatch: self.dispatch }
    }
}

impl<S> fmt::Debug for Handlers<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries).finish()
    }
}

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
