//! The types that a handler can return, and the replies that several events share.

use std::convert::Infallible;
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

#[cfg(doc)]
use crate::IntoRejection;
use crate::Rejection;
use crate::answer::Answer;
use crate::codec::{ReplyKind, Write};

/// A reply to an event: any type that serializes. It is sent as JSON with status 200.
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
    const WRITE: Write<T> = |reply| Ok(Answer::reply(reply)?);
}

/// The acknowledgement, `{"status":"ok"}`, which is the reply to most events.
///
/// A handler of such an event returns `()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ack;

impl Serialize for Ack {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([("status", "ok")])
    }
}

/// Reads any JSON but an error: any body acknowledges an event when the HTTP status is 2xx.
impl<'de> Deserialize<'de> for Ack {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let body = Value::deserialize(deserializer)?;
        if body.get("status").is_some_and(|status| status == "error") {
            return Err(serde::de::Error::custom("`status` is `error`"));
        }
        Ok(Self)
    }
}

/// The reply to a [`RawEvent`](crate::RawEvent): any JSON.
///
/// ```
/// use aghanim_hooks::AnyReply;
///
/// let reply = AnyReply::new(serde_json::json!({ "items": [] }));
/// assert_eq!(AnyReply::ack(), AnyReply::new(serde_json::json!({ "status": "ok" })));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AnyReply(Value);

impl AnyReply {
    /// A reply of this JSON.
    pub fn new(json: impl Into<Value>) -> Self {
        Self(json.into())
    }

    /// The acknowledgement, `{"status":"ok"}`.
    #[must_use]
    pub fn ack() -> Self {
        Self(serde_json::json!({ "status": "ok" }))
    }
}

/// A type that a handler can return: its event's reply, or a `Result` of it.
///
/// There is nothing to implement. The error of the `Result` is an [`IntoRejection`].
#[diagnostic::on_unimplemented(
    message = "this handler must return `{R}`, not `{Self}`",
    label = "the event is answered by `{R}`",
    note = "return `{R}` or `Result<{R}, Rejection>`; instead of `Ack`, write `()`"
)]
pub trait HandlerReturn<R> {
    /// The error. To be a handler's, it must be an [`IntoRejection`].
    type Error;

    /// Writes the reply in place, because moving it costs more: replies are large.
    #[doc(hidden)]
    fn into_answer(self, write: Write<R>) -> Result<Result<Answer, Rejection>, Self::Error>;
}

/// The type of [`HandlerReturn::into_answer`].
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

/// A reply that a handler may give by returning `()`.
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

/// The kind of a reply type, found by the type and not by its name: an inherent constant takes precedence over the one
/// of a trait that every type implements.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never made")]
pub struct Replies<R>(PhantomData<R>);

impl Replies<Ack> {
    #[doc(hidden)]
    pub const KIND: ReplyKind = ReplyKind::Ack;
}

impl Replies<AnyReply> {
    #[doc(hidden)]
    pub const KIND: ReplyKind = ReplyKind::Any;
}

/// The kind of every other reply type; see [`Replies`].
#[doc(hidden)]
pub trait OtherReply {
    const KIND: ReplyKind = ReplyKind::Content;
}

impl<R> OtherReply for Replies<R> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_acknowledgement_is_written_as_it_serializes() {
        assert_eq!(Answer::reply(&Ack).unwrap(), Answer::ACK);
        assert_eq!(Answer::reply(&AnyReply::ack()).unwrap(), Answer::ACK);
    }

    #[test]
    fn the_kind_of_a_reply_follows_its_type() {
        type Renamed = Ack;
        assert_eq!(Replies::<Renamed>::KIND, ReplyKind::Ack);
        assert_eq!(Replies::<AnyReply>::KIND, ReplyKind::Any);
        assert_eq!(Replies::<String>::KIND, ReplyKind::Content);
    }
}
