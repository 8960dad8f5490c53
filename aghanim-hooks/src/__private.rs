//! What generated code names. Not for users; it changes without notice.

pub use crate::codec::{Answers, EventData, Parse, Read};
pub use crate::endpoint::Delivery;
pub use crate::environment::{Environment, Limit, Otherwise};
pub use crate::event::{EventArgument, RawEvent, WebhookEvent};
pub use crate::events::catalogue::assert_acknowledged;
pub use crate::handler::{AnswerFuture, Handlers, Listed, NoAttribute, NotListed, Provides, Taken, Webhook};
pub use crate::idempotency::{NoTransactionOfItsOwn, Probe, only_transaction};
pub use crate::parameter::{Is, Parameter, Unknown, assert_parameter, mistaken};
pub use crate::pattern::{Duplicate, Entry, assert_payload, assert_unique, duplicates};
pub use crate::rejection::{Cause, Derived, IntoRejection, Rejection};
pub use crate::reply::{Ack, Answer, HandlerReturn, Reply};
pub use aghanim_hooks_macros::{webhooks as list, with};
pub use core::future::Future;
pub use core::marker::{Send, Sync};
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
