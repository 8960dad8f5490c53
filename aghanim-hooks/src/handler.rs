use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::__private::HandlerResult;
use crate::Rejection;
use crate::endpoint::Delivery;
use crate::environment::Limit;
use crate::event::EventArgument;
use crate::pattern::{Entry, Routes};
use crate::reply::Answer;

/// A parameter of a handler before the last: any axum extractor that leaves the body alone.
///
/// Implemented for everything that implements [`FromRequestParts`]; there is nothing to implement by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be taken from a request",
    label = "not an extractor for the state `{S}`",
    note = "every parameter but the last is an axum extractor, such as `State<..>`; the last one is the event"
)]
pub trait Extractor<S>: Sized {
    #[doc(hidden)]
    fn extract(parts: &mut Parts, state: &S) -> impl Future<Output = Result<Self, Rejection>> + Send;
}

#[diagnostic::do_not_recommend]
impl<T: FromRequestParts<S>, S: Send + Sync> Extractor<S> for T {
    async fn extract(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        T::from_request_parts(parts, state).await.map_err(Rejection::from_extractor)
    }
}

/// A function with `#[webhook("…")]`: what a list must know of it, whatever the state.
#[doc(hidden)]
pub trait Listed {
    const ENTRY: Entry;
}

/// A function with `#[webhook("…")]`, for the state `S`.
///
/// The attribute implements it for a type of the function's own name, so that one `use` brings both.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a webhook handler",
    label = "not a webhook handler",
    note = "put `#[webhook(\"…\")]` on the function"
)]
pub trait Webhook<S>: Listed + Sized + 'static {
    #[doc(hidden)]
    type Argument: EventArgument;

    /// `only = …` of the attribute.
    #[doc(hidden)]
    const LIMIT: Option<Limit> = None;

    #[doc(hidden)]
    fn call(
        event: Self::Argument,
        parts: Parts,
        state: S,
    ) -> impl Future<Output = HandlerResult<Self::Argument>> + Send;

    #[doc(hidden)]
    fn deliver(delivery: Delivery<S>) -> impl Future<Output = Answer> + Send
    where
        S: Send + Sync + 'static,
    {
        delivery.run::<Self>()
    }
}

/// The handlers of an endpoint: what `webhooks![…]` makes.
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
    dispatch: Arc<dyn Dispatch<S>>,
}

impl<S> Handlers<S> {
    /// What the expansion of `webhooks![…]` calls.
    #[doc(hidden)]
    pub fn from_list<F, Fut>(entries: &'static [Entry], dispatch: F) -> Self
    where
        F: Fn(usize, Delivery<S>) -> Fut + Copy + Send + Sync + 'static,
        Fut: Future<Output = Answer> + Send + 'static,
        S: Send + 'static,
    {
        Self { entries, routes: Arc::new(Routes::new(entries)), dispatch: Arc::new(dispatch) }
    }

    /// The patterns that have a handler, in the order of the list.
    pub fn events(&self) -> impl Iterator<Item = &'static str> + use<S> {
        self.entries.iter().flat_map(|entry| entry.patterns.iter().copied())
    }

    pub(crate) fn entries(&self) -> &'static [Entry] {
        self.entries
    }

    /// The entry that takes an event. For the benchmarks; the endpoint asks it for every delivery.
    #[doc(hidden)]
    #[must_use]
    pub fn find(&self, event_type: &str) -> Option<usize> {
        self.routes.find(event_type)
    }

    pub(crate) fn answer(&self, handler: usize, delivery: Delivery<S>) -> AnswerFuture {
        self.dispatch.answer(handler, delivery)
    }
}

impl<S> Clone for Handlers<S> {
    fn clone(&self) -> Self {
        Self { entries: self.entries, routes: Arc::clone(&self.routes), dispatch: Arc::clone(&self.dispatch) }
    }
}

impl<S> fmt::Debug for Handlers<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries).finish()
    }
}

pub(crate) type AnswerFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// What runs a handler of one list: one box for whichever it is, and a `match` inside.
trait Dispatch<S>: Send + Sync {
    fn answer(&self, handler: usize, delivery: Delivery<S>) -> AnswerFuture;
}

impl<S, F, Fut> Dispatch<S> for F
where
    F: Fn(usize, Delivery<S>) -> Fut + Send + Sync,
    Fut: Future<Output = Answer> + Send + 'static,
{
    fn answer(&self, handler: usize, delivery: Delivery<S>) -> AnswerFuture {
        Box::pin(self(handler, delivery))
    }
}
