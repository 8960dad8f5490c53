use std::convert::Infallible;
use std::time::Duration;

use axum::extract::FromRequestParts;
use http::request::Parts;

/// The number of the attempt that a `later` handler is called for: a parameter before the event.
///
/// ```
/// use aghanim_hooks::events::Order;
/// use aghanim_hooks::later::Attempt;
/// use aghanim_hooks::webhook;
///
/// #[webhook("order.paid", later)]
/// async fn book(attempt: Attempt, event: Order) {
///     if attempt.number > 1 {
///         println!("order {}: attempt {} of {}", event.id, attempt.number, attempt.of);
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The attempt's number, from 1.
    pub number: u32,
    /// The number of attempts before the job becomes a dead letter.
    pub of: u32,
    /// The time that this attempt may take.
    pub timeout: Duration,
    /// True if a person had the job worked again.
    pub replay: bool,
}

impl Attempt {
    /// Attempt `number` of `of`. For engines, and for unit tests of a handler.
    #[must_use]
    pub fn new(number: u32, of: u32, timeout: Duration) -> Self {
        Self { number, of, timeout, replay: false }
    }

    /// Marks it as a replay.
    #[must_use]
    pub fn replay(self, replay: bool) -> Self {
        Self { replay, ..self }
    }
}

impl<S: Sync> FromRequestParts<S> for Attempt {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // A handler without `later` is called during the request, and has no further attempt.
        Ok(parts.extensions.get().copied().unwrap_or_else(|| Self::new(1, 1, Duration::MAX)))
    }
}
