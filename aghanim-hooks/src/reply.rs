use std::any::Any;
use std::convert::Infallible;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use serde::{Serialize, Serializer};
use serde_json::Value;

#[cfg(doc)]
use crate::IntoRejection;
use crate::Rejection;
use crate::codec::Write;
use crate::idempotency::StoredAnswer;

/// What answers an event: anything that serializes, sent as JSON with status 200.
///
/// There is nothing to implement: `#[derive(Serialize)]` makes a type a reply.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be sent as a reply: it does not implement `Serialize`",
    label = "no `Serialize`",
    note = "add `#[derive(serde::Serialize)]` to `{Self}`"
)]
pub trait Reply: Sized {
    #[doc(hidden)]
    const WRITE: Write<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + Send + 'static> Reply for T {
    const WRITE: Write<T> = Answer::reply;
}

/// The acknowledgement, `{"status":"ok"}`: what answers every event that asks for nothing else.
///
/// A handler of such an event returns `()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ack;

impl Serialize for Ack {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([("status", "ok")])
    }
}

/// What most deliveries are answered, already written.
const ACK: Answer = Answer::fixed(StatusCode::OK, r#"{"status":"ok"}"#);

/// What answers a [`RawEvent`](crate::RawEvent): whatever JSON its handler decides on.
///
/// ```
/// use aghanim_hooks::AnyReply;
///
/// let reply = AnyReply::new(serde_json::json!({ "items": [] }));
/// assert_eq!(AnyReply::ack(), AnyReply::new(serde_json::json!({ "status": "ok" })));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct AnyReply(Value);

impl AnyReply {
    /// Answers this JSON.
    pub fn new(json: impl Into<Value>) -> Self {
        Self(json.into())
    }

    /// Answers `{"status":"ok"}`.
    #[must_use]
    pub fn ack() -> Self {
        Self(serde_json::json!({ "status": "ok" }))
    }
}

/// What a handler can return: the reply its event asks for, or a `Result` of it with an error that is a rejection.
///
/// Implemented for both; there is nothing to implement by hand.
#[diagnostic::on_unimplemented(
    message = "this handler must return `{R}`, not `{Self}`",
    label = "the event is answered by `{R}`",
    note = "return `{R}` or `Result<{R}, Rejection>`; instead of `Ack`, write `()`"
)]
pub trait HandlerReturn<R> {
    /// What it says no with: an [`IntoRejection`] if it is to be a handler's.
    type Error;

    /// Written here and not handed on, since a reply is large.
    #[doc(hidden)]
    fn into_answer(self, write: Write<R>) -> Result<Result<Answer, Rejection>, Self::Error>;
}

/// [`HandlerReturn::into_answer`]
pub(crate) type IntoAnswer<T, R, E> = fn(T, Write<R>) -> Result<Result<Answer, Rejection>, E>;

#[diagnostic::do_not_recommend]
impl<R> HandlerReturn<R> for R {
    type Error = Infallible;

    fn into_answer(self, write: Write<R>) -> Result<Result<Answer, Rejection>, Infallible> {
        Ok(write(&self))
    }
}

#[diagnostic::do_not_recommend]
impl<R, E> HandlerReturn<R> for Result<R, E> {
    type Error = E;

    fn into_answer(self, write: Write<R>) -> Result<Result<Answer, Rejection>, E> {
        match self {
            Ok(ref reply) => Ok(write(reply)),
            Err(error) => Err(error),
        }
    }
}

/// A reply that says nothing but yes: `()` will do for it.
#[doc(hidden)]
pub trait Acknowledgement {
    fn acknowledge() -> Self;
}

impl Acknowledgement for Ack {
    fn acknowledge() -> Self {
        Self
    }
}

impl Acknowledgement for AnyReply {
    fn acknowledge() -> Self {
        Self::ack()
    }
}

#[diagnostic::do_not_recommend]
impl<R: Acknowledgement> HandlerReturn<R> for () {
    type Error = Infallible;

    fn into_answer(self, write: Write<R>) -> Result<Result<Answer, Rejection>, Infallible> {
        Ok(write(&R::acknowledge()))
    }
}

#[diagnostic::do_not_recommend]
impl<R: Acknowledgement, E> HandlerReturn<R> for Result<(), E> {
    type Error = E;

    fn into_answer(self, write: Write<R>) -> Result<Result<Answer, Rejection>, E> {
        self.map(|()| write(&R::acknowledge()))
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// An answer on its way out: JSON, unless a store kept something else.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) content_type: HeaderValue,
    pub(crate) body: Bytes,
    pub(crate) retry_after: Option<Duration>,
}

impl Answer {
    pub(crate) const fn fixed(status: StatusCode, body: &'static str) -> Self {
        Self { status, content_type: JSON, body: Bytes::from_static(body.as_bytes()), retry_after: None }
    }

    /// 200 with the reply as JSON.
    pub(crate) fn reply<R: Serialize + 'static>(reply: &R) -> Result<Self, Rejection> {
        if (reply as &dyn Any).is::<Ack>() {
            return Ok(ACK);
        }
        // Fits most replies without growing.
        let mut body = Vec::with_capacity(256);
        serde_json::to_writer(&mut body, reply)?;
        Ok(Self { status: StatusCode::OK, content_type: JSON, body: body.into(), retry_after: None })
    }

    /// `{"status":"error","code":…,"message":…}`
    pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Self {
        #[derive(Serialize)]
        struct Error<'a> {
            status: &'static str,
            code: &'a str,
            message: &'a str,
        }
        let body = serde_json::to_vec(&Error { status: "error", code, message }).expect("strings serialize");
        Self { status, content_type: JSON, body: body.into(), retry_after: None }
    }
}

impl From<&Answer> for StoredAnswer {
    fn from(answer: &Answer) -> Self {
        Self { status: answer.status, content_type: answer.content_type.clone(), body: answer.body.clone() }
    }
}

impl From<StoredAnswer> for Answer {
    fn from(StoredAnswer { status, content_type, body }: StoredAnswer) -> Self {
        Self { status, content_type, body, retry_after: None }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(self.body.into());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, self.content_type);
        if let Some(delay) = self.retry_after {
            let seconds = delay.as_secs().saturating_add(u64::from(delay.subsec_nanos() > 0));
            headers.insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_written_acknowledgement_is_the_serialized_one() {
        assert_eq!(Answer::reply(&Ack).unwrap().body, serde_json::to_vec(&Ack).unwrap());
        assert_eq!(Answer::reply(&Ack).unwrap(), Answer::reply(&AnyReply::ack()).unwrap());
    }
}
