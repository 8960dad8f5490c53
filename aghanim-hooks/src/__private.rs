//! The names that generated code uses. Not for users: they change without notice.

pub use crate::answer::Answer;
pub use crate::codec::{Codec, EventData};
pub use crate::endpoint::{AnswerFuture, Delivery, Handlers, NotListed, Unsigned, Verdict};
pub use crate::environment::{Environment, Otherwise};
pub use crate::event::{Described, Encode, Encoding, EventArgument, NoEncoding, NoSchema, Schemas, WebhookEvent};
pub use crate::events::catalogue::assert_acknowledged;
pub use crate::handler::{
    AnyState, Checked, Duplicate, Entry, Is, Listed, NoAttribute, Parameter, Provides, RegistrationCheck, Taken,
    Unknown, assert_exactly_subscribed, assert_subscribed, assert_unique, check_parameter, check_payload, duplicates,
    is_unsubscribed, mistaken, only_transaction,
};
pub use crate::later::check::{check_later, check_latest_of};
pub use crate::later::{Policy, WithoutRequest};
pub use crate::pattern::check_pattern;
pub use crate::rejection::{Cause, Derived, DisplayMessage, IntoRejection, Rejection};
pub use crate::reply::{Ack, HandlerReturn, OtherReply, Replies, Reply};
#[cfg(feature = "testing")]
pub use crate::testing::Sample;
pub use aghanim_hooks_macros::{webhooks as list, with};
pub use core::marker::Send;
pub use core::option::Option;
pub use core::primitive::{bool, str, u8};
pub use core::result::Result;
pub use std::format;

/// Parts of the endpoint that the benchmarks measure alone.
pub mod rooms {
    pub use crate::envelope::{Envelope, Malformed, event_type, parse};
}

/// Refuses, at compile time, an expansion of macros that belong to another version of this crate.
///
/// # Panics
/// Panics if `version`, that of the macros, is not the version of this crate.
pub const fn assert_macros(version: &str) {
    if !crate::pattern::equal(version, env!("CARGO_PKG_VERSION")) {
        let message = crate::pattern::Message::new().text("aghanim-hooks-macros ").text(version);
        let message = message.text(" does not fit aghanim-hooks ").text(env!("CARGO_PKG_VERSION"));
        let message = message.text(": remove aghanim-hooks-macros from Cargo.toml, aghanim-hooks brings its own");
        panic!("{}", message.as_str());
    }
}

#[cfg(test)]
mod tests {
    #[test]
    #[should_panic(expected = "aghanim-hooks-macros 0.0.0 does not fit aghanim-hooks ")]
    fn macros_of_another_version_are_refused() {
        super::assert_macros("0.0.0");
    }
}
