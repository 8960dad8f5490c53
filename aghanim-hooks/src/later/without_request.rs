use axum::extract::State;

/// Marks an extractor that a `later` handler can take.
///
/// A worker calls a `later` handler after the request was answered. There are no headers, no path, no query and no
/// extensions of layers then. [`State`], [`Tx`](crate::idempotency::Tx) and [`Attempt`](super::Attempt) need none of
/// these. Implement the trait for an extractor of your own that needs only the state:
///
/// ```
/// use std::convert::Infallible;
///
/// use aghanim_hooks::later::WithoutRequest;
/// use axum::extract::{FromRef, FromRequestParts};
/// use http::request::Parts;
///
/// #[derive(Clone)]
/// struct Mailer;
///
/// impl<S: Sync> FromRequestParts<S> for Mailer
/// where
///     Mailer: FromRef<S>,
/// {
///     type Rejection = Infallible;
///
///     async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, Infallible> {
///         Ok(Mailer::from_ref(state))
///     }
/// }
///
/// impl WithoutRequest for Mailer {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` needs a request, and a `later` handler has none",
    label = "a worker calls this handler after the request was answered",
    note = "take it from `State<…>` or from the event; if `{Self}` is your own extractor and only needs the state, add `impl aghanim_hooks::later::WithoutRequest for {Self} {{}}`"
)]
pub trait WithoutRequest {}

#[diagnostic::do_not_recommend]
impl<T> WithoutRequest for State<T> {}

#[diagnostic::do_not_recommend]
impl WithoutRequest for super::Attempt {}

#[cfg(any(feature = "sqlite", feature = "postgres"))]
#[diagnostic::do_not_recommend]
impl<Db: sqlx::Database> WithoutRequest for crate::idempotency::Tx<Db> {}
