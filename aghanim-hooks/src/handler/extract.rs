//! Proofs that a handler's parameters before the event can be extracted from a request.

use std::future::Future;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::Rejection;

/// Proof that a `T` can be extracted from a request when the endpoint's state is `S`.
///
/// Implemented for every axum extractor that does not read the body. There is nothing to implement by hand.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{T}` is not an extractor for the state `{S}`",
    label = "parameters before the event are axum extractors; `State<T>` needs a router with a state `T`: `.with_state(…)`"
)]
pub trait Provides<T, S: ?Sized> {
    fn extract(parts: &mut Parts, state: &S) -> impl Future<Output = Result<T, Rejection>> + Send;
}

/// The place of a parameter before the event. A parameter that was
/// [reported as a mistake](crate::__private::check_parameter) accepts any type, so that it is reported once.
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
        unreachable!("a handler with a mistaken parameter does not compile")
    }
}

// These keep the compiler from inferring the state from the first extractor that fits a single state. If it did, a router
// with another state would be told that the whole endpoint is wrong. No state is one of these types: a state is `Sized`.
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

/// Extracts all parameters before the event. Implemented for lists of places, `(Taken, (Taken, ()))`, which extract lists
/// of values, `(A, (B, ()))`.
#[doc(hidden)]
pub trait ProvidesAll<T, S>: Send + 'static {
    fn extract(self, parts: &mut Parts, state: &S) -> impl Future<Output = Result<T, Rejection>> + Send;
}

#[diagnostic::do_not_recommend]
impl<S: Sync> ProvidesAll<(), S> for () {
    async fn extract(self, _: &mut Parts, _: &S) -> Result<(), Rejection> {
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl<S, P, T, Rest, Others> ProvidesAll<(T, Others), S> for (P, Rest)
where
    S: Sync,
    P: Provides<T, S> + Send + 'static,
    T: Send,
    Rest: ProvidesAll<Others, S>,
{
    async fn extract(self, parts: &mut Parts, state: &S) -> Result<(T, Others), Rejection> {
        // In the order of the function's parameters, as axum does.
        Ok((P::extract(parts, state).await?, self.1.extract(parts, state).await?))
    }
}

/// The bounds of an endpoint's state in one word. Every handler's expansion names them.
#[doc(hidden)]
pub trait AnyState: Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<S: Send + Sync + 'static> AnyState for S {}
