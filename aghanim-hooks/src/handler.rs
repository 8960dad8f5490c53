use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::Rejection;
use crate::endpoint::Delivery;
use crate::pattern::{Entry, Routes};
use crate::reply::Answer;

/// What can be taken from a request when the endpoint's state is `S`: a parameter of a handler before the event.
///
/// Implemented for every axum extractor that leaves the body alone; there is nothing to implement by hand.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{T}` is not an extractor for the state `{S}`",
    label = "parameters before the event are axum extractors; `State<T>` needs a router with a state `T`: `.with_state(…)`"
)]
pub trait Provides<T, S: ?Sized> {
    fn extract(parts: &mut Parts, state: &S) -> impl Future<Output = Result<T, Rejection>> + Send;
}

/// A parameter's place; one that was [reported as a mistake](crate::__private::check_parameter) takes anything.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "not for users")]
pub struct Taken<const MISTAKEN: bool>;

#[diagnostic::do_not_recommend]
impl<T: FromRequestParts<S>, S: Send + Sync> Provides<T, S> for Taken<false> {
    async fn extract(parts: &mut Parts, state: &S) -> Result<T, Rejection> {
        T::from_request_parts(parts, state).await.map_err(Rejection::from_extractor)
    }
}

#[diagnostic::do_not_recommend]
impl<T, S: Sync> Provides<T, S> for Taken<true> {
    async fn extract(_: &mut Parts, _: &S) -> Result<T, Rejection> {
        unreachable!("a mistaken parameter does not compile")
    }
}

// Without these, the first extractor of a list that fits one state only would tell the compiler what the state is, and
// the endpoint as a whole would be to blame when it is another. No state is one of these, as a state has a size.
macro_rules! but_not_yet {
    ($($no_state:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T> Provides<T, $no_state> for Taken<false> {
            async fn extract(_: &mut Parts, _: &$no_state) -> Result<T, Rejection> {
                unreachable!("a state has a size")
            }
        }
    )*};
}

but_not_yet!(str, [()]);

/// What can be taken from a request for all of a handler's parameters before the event: a list of their places, of `(A,
/// (B, ()))`.
#[doc(hidden)]
pub trait ProvidesAll<T, S> {
    fn extract(parts: &mut Parts, state: &S) -> impl Future<Output = Result<T, Rejection>> + Send;
}

#[diagnostic::do_not_recommend]
impl<S: Sync> ProvidesAll<(), S> for () {
    async fn extract(_: &mut Parts, _: &S) -> Result<(), Rejection> {
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl<S, P, T, Rest, Others> ProvidesAll<(T, Others), S> for (P, Rest)
where
    S: Sync,
    P: Provides<T, S>,
    T: Send,
    Rest: ProvidesAll<Others, S>,
{
    async fn extract(parts: &mut Parts, state: &S) -> Result<(T, Others), Rejection> {
        // In the order in which they are written, as axum does.
        Ok((P::extract(parts, state).await?, Rest::extract(parts, state).await?))
    }
}

/// What any state of an endpoint is: a bound in one word, as each handler has it.
#[doc(hidden)]
pub trait AnyState: Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<S: Send + Sync + 'static> AnyState for S {}

/// A function with `#[webhook("…")]`: what a list must know of it, whatever the state.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this is not a webhook handler",
    label = "no `#[webhook(\"…\")]` on this",
    note = "write `#[webhook(\"item.add\")]` above the function, with the name of its event"
)]
pub trait Listed {
    /// A list of [`Checked`]: what a type names is evaluated with the function, whether it is listed or not.
    type Checks;

    const ENTRY: Entry;
}

/// Something that the compiler was asked to check about a handler.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never a value")]
pub enum Checked<const SOUND: bool> {}

/// The `_deliver` of everything that has none: that it is no handler is said once, by [`Listed`].
#[doc(hidden)]
pub trait NotListed {
    fn _deliver<S>(delivery: Delivery<S>) -> AnswerFuture;
}

impl<T: ?Sized> NotListed for T {
    fn _deliver<S>(_: Delivery<S>) -> AnswerFuture {
        unreachable!("a list of what is no handler does not compile")
    }
}

/// What a list finds in the place of a function that has no `#[webhook("…")]`, and so no type of its name.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never a value")]
pub enum NoAttribute {}

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
    dispatch: Dispatch<S>,
}

impl<S> Handlers<S> {
    /// What the expansion of `webhooks![…]` calls.
    #[doc(hidden)]
    #[must_use]
    pub fn from_list(entries: &'static [Entry], dispatch: Dispatch<S>) -> Self {
        Self { entries, routes: Arc::new(Routes::new(entries)), dispatch }
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

    pub(crate) fn dispatch(&self) -> Dispatch<S> {
        self.dispatch
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

/// Boxed by each handler for itself: one future of all of them would be as large as the largest for every delivery.
pub type AnswerFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// Runs the handler at an index of the list.
pub(crate) type Dispatch<S> = fn(usize, Delivery<S>) -> AnswerFuture;
