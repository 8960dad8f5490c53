//! How a body becomes a handler's argument, and what the handler returns an answer.
//!
//! These are functions as values, where bounds on the traits would do: a bound that does not hold is reported at every
//! place that requires it, a missing value once, where the macros put it together.

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::Rejection;
use crate::envelope::{self, Envelope, Malformed};
use crate::reply::Answer;

/// What a payload has to be besides a [`WebhookEvent`](crate::WebhookEvent): there is nothing to implement,
/// `#[derive(Deserialize)]` does it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be read from JSON: it does not implement `Deserialize`",
    label = "no `Deserialize`",
    note = "add `#[derive(serde::Deserialize)]` to `{Self}`"
)]
pub trait EventData: Sized {
    const READ: Read<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> EventData for T {
    const READ: Read<T> = |json, _| envelope::parse::<T>(json).map(Envelope::split);
}

/// Makes an `A` of a body, and of its text.
pub(crate) type Read<A> = for<'a> fn(&'a str, &'a Bytes) -> Result<(Envelope<'a, ()>, A), Malformed>;

/// Makes an answer of a reply.
pub(crate) type Write<R> = fn(&R) -> Result<Answer, Rejection>;

/// The way in and the way out of an argument `A` that is answered by `R`.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "not for users")]
pub struct Codec<A, R> {
    read: Read<A>,
    pub(crate) write: Write<R>,
}

impl<A, R> Codec<A, R> {
    #[must_use]
    pub const fn new(read: Read<A>, write: Write<R>) -> Self {
        Self { read, write }
    }

    /// For an argument around the payload.
    pub(crate) const fn around<B>(self, read: Read<B>) -> Codec<B, R> {
        Codec { read, write: self.write }
    }

    /// `json` is the text of `body`.
    pub(crate) fn read<'a>(&self, json: &'a str, body: &'a Bytes) -> Result<(Envelope<'a, ()>, A), Malformed> {
        (self.read)(json, body)
    }
}

// By hand, as a derive would ask it of the types, of which there is nothing in here.
impl<A, R> Clone for Codec<A, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A, R> Copy for Codec<A, R> {}
