//! How a body becomes a handler's argument, and a handler's reply an answer.
//!
//! These are functions stored as values. Trait bounds would do the same, but the compiler reports a bound that does not
//! hold at every place that requires it. It reports a value that cannot be made once, where the macros make it.

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::Rejection;
use crate::answer::Answer;
use crate::envelope::{self, Envelope, Malformed};

/// A type that can be read from `event_data`. Every type that is `Deserialize` is one.
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

/// Reads an argument of type `A`, and the envelope around it, from a body. The text is that of the body.
pub(crate) type Read<A> = for<'a> fn(&'a str, &'a Bytes) -> Result<(Envelope<'a, ()>, A), Malformed>;

/// Writes a reply as an answer.
pub(crate) type Write<R> = fn(&R) -> Result<Answer, Rejection>;

/// The kind of answer that an event asks for.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyKind {
    /// `{"status":"ok"}` is a full answer.
    Ack,
    /// The answer has content, which Aghanim uses.
    Content,
    /// The handler decides. The catalogue may know more about the event.
    Any,
}

/// How to read an argument `A`, and how to write the reply `R` to it.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "not for users")]
pub struct Codec<A, R> {
    read: Read<A>,
    pub(crate) write: Write<R>,
    pub(crate) kind: ReplyKind,
}

impl<A, R> Codec<A, R> {
    #[must_use]
    pub const fn new(read: Read<A>, write: Write<R>, kind: ReplyKind) -> Self {
        Self { read, write, kind }
    }

    /// The kind of answer that the event asks for.
    #[must_use]
    pub const fn kind(&self) -> ReplyKind {
        self.kind
    }

    /// The same reply, for an argument that holds the payload.
    pub(crate) const fn around<B>(self, read: Read<B>) -> Codec<B, R> {
        Codec { read, write: self.write, kind: self.kind }
    }

    /// `json` is the text of `body`.
    pub(crate) fn read<'a>(&self, json: &'a str, body: &'a Bytes) -> Result<(Envelope<'a, ()>, A), Malformed> {
        (self.read)(json, body)
    }
}

// Written by hand: a derive would require `A: Clone` and `R: Clone`.
impl<A, R> Clone for Codec<A, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A, R> Copy for Codec<A, R> {}
