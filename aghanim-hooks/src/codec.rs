//! How a body becomes a handler's argument, and what the handler returns an answer.
//!
//! These are functions as values, where bounds on the traits would do: a bound that does not hold is reported at every
//! place that requires it, a missing value once, where the macros put it together.

use std::any::TypeId;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::envelope::{self, Envelope, Malformed};
use crate::event::EventArgument;
use crate::reply::Answer;
use crate::{Rejection, WebhookEvent};

/// What a payload has to be besides a [`WebhookEvent`]: there is nothing to implement, `#[derive(Deserialize)]` does it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be read from JSON",
    label = "a payload without `Deserialize`",
    note = "add `#[derive(serde::Deserialize)]` beside `WebhookEvent`"
)]
pub trait EventData: Sized {
    const PARSE: Parse<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> EventData for T {
    const PARSE: Parse<T> = Parse(envelope::parse);
}

/// Reads a body with the payload `T`.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "not for users")]
pub struct Parse<T>(for<'a> fn(&'a str) -> Result<Envelope<'a, T>, Malformed>);

impl<T> Parse<T> {
    pub(crate) fn parse<'a>(&self, json: &'a str) -> Result<(Envelope<'a, ()>, T), Malformed> {
        self.0(json).map(Envelope::split)
    }
}

/// Makes the argument `A` of a body.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "not for users")]
pub struct Read<A> {
    read: ReadBody<A>,
    reply: TypeId,
}

type ReadBody<A> = for<'a> fn(&'a str, &'a Bytes) -> Result<(Envelope<'a, ()>, A), Malformed>;

impl<A: EventArgument> Read<A> {
    pub(crate) const fn new(read: ReadBody<A>) -> Self {
        Self { read, reply: TypeId::of::<<A::Payload as WebhookEvent>::Reply>() }
    }
}

impl<A> Read<A> {
    /// `json` is the text of `body`.
    pub(crate) fn read<'a>(&self, json: &'a str, body: &'a Bytes) -> Result<(Envelope<'a, ()>, A), Malformed> {
        (self.read)(json, body)
    }

    /// The type that answers the event.
    pub(crate) fn reply(&self) -> TypeId {
        self.reply
    }
}

/// Makes answers of the reply `R`.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "not for users")]
pub struct Answers<R>(fn(&R) -> Result<Answer, Rejection>);

impl<R: Serialize + 'static> Answers<R> {
    pub(crate) const JSON: Self = Self(Answer::reply);
}

impl<R> Answers<R> {
    /// Says which reply a conversion is to make, before the compiler knows of what.
    pub fn of<T, E>(&self, into_result: fn(T) -> Result<R, E>) -> fn(T) -> Result<R, E> {
        into_result
    }

    /// # Errors
    /// The handler's, or the reply's when it can't be written as JSON.
    pub fn answer<E>(&self, returned: Result<R, E>, into_rejection: fn(E) -> Rejection) -> Result<Answer, Rejection> {
        match returned {
            Ok(reply) => self.0(&reply),
            Err(error) => Err(into_rejection(error)),
        }
    }
}
