use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::answer::Answer;

type Text = Cow<'static, str>;

/// A handler's refusal of an event, or its failure.
///
/// It is sent in the shape of the event's contract: for most events as a 4xx with
/// `{"status":"error","code":…,"message":…}`, for `player.lookup` and `player.update` as HTTP 200 with that body.
///
/// ```
/// use aghanim_hooks::Rejection;
///
/// let unknown = Rejection::deny("not_found", "no such player");
/// assert_eq!(unknown.status(), 404);
/// ```
///
/// There are two kinds, and money depends on the difference:
///
/// - **A refusal** is the game's decision, and final: [`deny`](Self::deny), [`declined`](Self::declined).
/// - **A failure** is retried: [`internal`](Self::internal), [`unavailable`](Self::unavailable), and every error that `?`
///   converts. The answer is a 5xx. The cause is logged, and is not sent.
///
/// ```
/// use aghanim_hooks::Rejection;
///
/// fn load(path: &str) -> Result<String, Rejection> {
///     // An I/O error is a failure: 500, logged, and retried by Aghanim.
///     Ok(std::fs::read_to_string(path)?)
/// }
/// assert_eq!(load("/no/such/file").unwrap_err().status(), 500);
/// ```
pub struct Rejection {
    status: StatusCode,
    code: Text,
    message: Text,
    retry_after: Option<Duration>,
    /// True if an extractor rejected the request, before the handler ran.
    extractor: bool,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Rejection {
    /// Refuses the event, finally. `code` is for programs and `message` for people. Both are sent.
    ///
    /// The status is 404 for the code `not_found` and 400 for every other (our choice); see
    /// [`with_status`](Self::with_status). Codes that Aghanim's documentation names: `not_found`, `validation_error`,
    /// `banned`, `declined`.
    pub fn deny(code: impl Into<Text>, message: impl Into<Text>) -> Self {
        let code = code.into();
        let status = if code == "not_found" { StatusCode::NOT_FOUND } else { StatusCode::BAD_REQUEST };
        Self { status, code, message: message.into(), retry_after: None, extractor: false, source: None }
    }

    /// Declines an `item.add`: 400 with the code `declined`.
    ///
    /// Aghanim then refunds the payment, if it has enabled that for the account.
    pub fn declined(message: impl Into<Text>) -> Self {
        Self::deny("declined", message)
    }

    /// Reports a failure: 500. The cause is logged and never sent. Aghanim sends the event again.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: "internal_error".into(),
            message: "Internal error".into(),
            retry_after: None,
            extractor: false,
            source: Some(cause.into()),
        }
    }

    /// Asks for the event later: 503 with `Retry-After`, rounded up to whole seconds.
    #[must_use]
    pub fn unavailable(retry_after: Duration) -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            code: "unavailable".into(),
            message: "Try again later".into(),
            retry_after: Some(retry_after),
            extractor: false,
            source: None,
        }
    }

    /// Answers with another status.
    ///
    /// ```
    /// use aghanim_hooks::Rejection;
    ///
    /// let banned = Rejection::deny("banned", "this player is banned").with_status(403);
    /// assert_eq!(banned.status(), 403);
    /// ```
    ///
    /// # Panics
    /// Panics if the status is not an error: outside 400 to 599.
    #[must_use]
    #[track_caller]
    pub fn with_status(mut self, status: u16) -> Self {
        assert!((400..600).contains(&status), "a rejection's status is 400 to 599, not {status}");
        self.status = StatusCode::from_u16(status).expect("400 to 599 are statuses");
        self
    }

    /// The HTTP status, for events whose refusal has one.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The code, for programs.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The message, for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// True if this is a refusal: a 4xx, which sending the event again does not change.
    ///
    /// False for [`unavailable`](Self::unavailable) and the statuses 408, 425 and 429, which ask for the event later, and for
    /// every rejection with a cause, such as [`internal`](Self::internal).
    #[must_use]
    pub fn is_final(&self) -> bool {
        let not_now = self.retry_after.is_some() || matches!(self.status(), 408 | 425 | 429);
        self.status.is_client_error() && !not_now && self.source.is_none()
    }

    /// True if the handler itself refused the event. A duplicate then gets the same refusal. An extractor decides nothing
    /// about the event.
    pub(crate) fn is_decision(&self) -> bool {
        self.is_final() && !self.extractor
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    pub(crate) fn cause(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }

    /// The rejection of an extractor. Of one that is not a `Rejection` only the status is sent: its text was not written
    /// for Aghanim.
    pub(crate) fn from_extractor(rejection: impl IntoResponse) -> Self {
        let mut response = rejection.into_response();
        if let Some(rejection) = Carried::take(&mut response) {
            return Self { extractor: true, ..rejection };
        }
        let status = response.status();
        let status = if status.is_client_error() { status } else { StatusCode::INTERNAL_SERVER_ERROR };
        // Its cause makes this a failure, which is no decision about the event.
        Self::internal(format!("an extractor of the handler refused the request with {status}"))
            .with_status(status.as_u16())
    }
}

/// Compares everything that is sent: status, code, message and `Retry-After`. The cause of a failure does not count.
impl PartialEq for Rejection {
    fn eq(&self, other: &Self) -> bool {
        (self.status, &self.code, &self.message, self.retry_after)
            == (other.status, &other.code, &other.message, other.retry_after)
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, {})", self.message, self.code, self.status())
    }
}

/// `Rejection` itself is not an [`Error`], because `?` turns every error into a `Rejection`. This is the way back.
impl From<Rejection> for Box<dyn Error + Send + Sync> {
    fn from(rejection: Rejection) -> Self {
        Box::new(RejectionError(rejection))
    }
}

struct RejectionError(Rejection);

impl fmt::Debug for RejectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for RejectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Error for RejectionError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.cause()
    }
}

/// For an axum extractor whose rejection this is:
///
/// ```
/// use aghanim_hooks::Rejection;
/// use axum::extract::FromRequestParts;
/// use http::request::Parts;
///
/// struct Shard(u8);
///
/// impl<S: Sync> FromRequestParts<S> for Shard {
///     type Rejection = Rejection;
///
///     async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
///         let shard = parts.headers.get("x-shard").and_then(|shard| shard.to_str().ok()?.parse().ok());
///         shard.map(Shard).ok_or_else(|| Rejection::deny("validation_error", "x-shard: a number is missing"))
///     }
/// }
/// ```
///
/// Before a handler, the rejection is answered like the handler's own: with its code and message, in the event's shape.
/// It is not kept as the answer to the event's key.
impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let answer = Answer { retry_after: self.retry_after, ..Answer::error(self.status, &self.code, &self.message) };
        let mut response = answer.into_response();
        response.extensions_mut().insert(Carried(Arc::new(Mutex::new(Some(self)))));
        response
    }
}

/// A rejection on its way through axum's extractor, whose rejections are responses.
#[derive(Clone)]
struct Carried(Arc<Mutex<Option<Rejection>>>);

impl Carried {
    fn take(response: &mut Response) -> Option<Rejection> {
        let carried = response.extensions_mut().remove::<Self>()?;
        carried.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejection")
            .field("status", &self.status())
            .field("code", &self.code)
            .field("message", &self.message)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// Every error is a failure: [`Rejection::internal`].
impl<E: Error + Send + Sync + 'static> From<E> for Rejection {
    fn from(error: E) -> Self {
        Self::internal(error)
    }
}

/// An error that a handler can return.
///
/// Derive it for an error type of your own:
///
/// ```
/// use aghanim_hooks::IntoRejection;
///
/// #[derive(IntoRejection)]
/// enum GrantError {
///     /// Sent as 400, code `declined`, message "no such item".
///     #[reject(status = 400, code = "declined")]
///     NoSuchItem,
///     /// Sent as 500; the cause is logged.
///     #[reject(internal)]
///     Io(std::io::Error),
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a handler's error",
    label = "no `IntoRejection`",
    note = "return `Rejection` instead: `?` converts an error, and `.map_err(Rejection::internal)` a text or a boxed error; to an error type of your own, add `#[derive(IntoRejection)]`"
)]
pub trait IntoRejection {
    /// The rejection to answer with.
    fn into_rejection(self) -> Rejection;
}

/// Implemented by `#[derive(IntoRejection)]`. It keeps derived types out of the compiler's lists of implementations.
#[doc(hidden)]
pub trait Derived {
    fn rejection(self) -> Rejection;
}

#[diagnostic::do_not_recommend]
impl<T: Derived> IntoRejection for T {
    fn into_rejection(self) -> Rejection {
        self.rejection()
    }
}

/// The cause of a failure. There is nothing to implement.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the cause of a failure",
    label = "not an error",
    note = "use a type that implements `std::error::Error`, or a `String`, or remove the field"
)]
pub trait Cause {
    fn into_internal(self) -> Rejection;
}

#[diagnostic::do_not_recommend]
impl<T: Into<Box<dyn Error + Send + Sync>>> Cause for T {
    fn into_internal(self) -> Rejection {
        Rejection::internal(self)
    }
}

/// The message of a variant with `#[reject(message = display)]`; implemented for every `Display`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`message = display` needs `Display`, which `{Self}` does not implement",
    label = "no `Display`",
    note = "implement `std::fmt::Display` for `{Self}`, or derive `thiserror::Error`"
)]
pub trait DisplayMessage {
    fn display_message(&self) -> String;
}

#[diagnostic::do_not_recommend]
impl<T: fmt::Display> DisplayMessage for T {
    fn display_message(&self) -> String {
        self.to_string()
    }
}

#[diagnostic::do_not_recommend]
impl IntoRejection for Rejection {
    fn into_rejection(self) -> Rejection {
        self
    }
}

#[diagnostic::do_not_recommend]
impl IntoRejection for std::convert::Infallible {
    fn into_rejection(self) -> Rejection {
        match self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_are_equal_if_the_same_is_sent() {
        let denied = || Rejection::deny("banned", "no");
        assert!(denied() == denied() && Rejection::internal("a") == Rejection::internal("b"));
        for other in [
            denied().with_status(403),
            Rejection::deny("gone", "no"),
            Rejection::deny("banned", "never"),
            Rejection { retry_after: Some(Duration::from_secs(1)), ..denied() },
        ] {
            assert!(denied() != other, "{other}");
        }
    }

    #[test]
    fn as_an_error_it_keeps_its_text_and_its_cause() {
        let error: Box<dyn Error + Send + Sync> = Rejection::internal("the disk is full").into();
        assert_eq!(error.to_string(), "Internal error (internal_error, 500)");
        assert_eq!(error.source().unwrap().to_string(), "the disk is full");
    }

    #[test]
    fn as_a_response_it_says_when_to_come_again() {
        let response = Rejection::unavailable(Duration::from_secs(5)).into_response();
        assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (503, &"5".parse().unwrap()));
        let refused = Rejection::from_extractor(StatusCode::FORBIDDEN);
        assert!(refused.status() == 403 && !refused.is_decision());
    }
}
