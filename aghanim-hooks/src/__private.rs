//! The names that generated code uses. Not for users: they change without notice.

pub use crate::answer::Answer;
pub use crate::codec::{Codec, EventData, ReplyKind};
pub use crate::endpoint::{AnswerFuture, Delivery, Handlers, NotListed};
pub use crate::environment::{Environment, Otherwise};
pub use crate::event::{EventArgument, RawEvent, WebhookEvent};
pub use crate::events::catalogue::assert_acknowledged;
pub use crate::handler::{
    AnyState, Checked, Duplicate, Entry, Is, Listed, NoAttribute, Parameter, Provides, Taken, Unknown, assert_unique,
    check_parameter, check_payload, duplicates, mistaken, only_transaction,
};
pub use crate::rejection::{Cause, Derived, DisplayMessage, IntoRejection, Rejection};
pub use crate::reply::{Ack, HandlerReturn, OtherReply, Replies, Reply};
pub use aghanim_hooks_macros::{webhooks as list, with};
pub use core::future::Future;
pub use core::marker::Send;
pub use core::option::Option;
pub use core::primitive::{bool, str};
pub use core::result::Result;
pub use std::format;

/// Parts of the endpoint that the benchmarks measure alone.
pub mod rooms {
    pub use crate::envelope::{Envelope, Malformed, event_type, parse};
}
