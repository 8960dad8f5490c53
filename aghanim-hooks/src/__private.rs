//! What generated code names. Not for users; it changes without notice.

pub use crate::codec::{Codec, EventData};
pub use crate::endpoint::Delivery;
pub use crate::environment::{Environment, Otherwise};
pub use crate::event::{EventArgument, RawEvent, WebhookEvent};
pub use crate::events::catalogue::assert_acknowledged;
pub use crate::handler::{AnswerFuture, AnyState, Checked, Handlers, Listed, NoAttribute, NotListed, Provides, Taken};
pub use crate::parameter::{Is, Parameter, Unknown, check_parameter, mistaken, only_transaction};
pub use crate::pattern::{Duplicate, Entry, assert_unique, check_payload, duplicates};
pub use crate::rejection::{Cause, Derived, IntoRejection, Rejection};
pub use crate::reply::{Ack, Answer, HandlerReturn, Reply};
pub use aghanim_hooks_macros::{webhooks as list, with};
pub use core::future::Future;
pub use core::marker::Send;
pub use core::option::Option;
pub use core::primitive::{bool, str};
pub use core::result::Result;
pub use std::format;

/// A request without its body, on its way to the extractors.
pub type Parts = Box<http::request::Parts>;

/// Rooms that only the benchmarks enter on their own.
pub mod rooms {
    pub use crate::envelope::{Envelope, Malformed, event_type, parse};
}
