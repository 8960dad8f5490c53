//! Tests for handlers and endpoints, without Aghanim and without a socket.
//!
//! This module needs the feature `testing`. Turn it on for tests only:
//!
//! ```toml
//! [dev-dependencies]
//! aghanim-hooks = { version = "0.1", features = ["testing"] }
//! ```
//!
//! | To | use |
//! |---|---|
//! | send a signed event to your router, and get the typed reply | [`TestClient`] |
//! | call a handler as a plain function | [`event`], and for its transaction [`Tx::lend`](crate::idempotency) |
//! | get a realistic payload | [`Sample`] |
//! | send duplicates, in sequence or at once | [`Delivery::repeat`], [`Delivery::at_once`] |
//! | check the whole endpoint | [`conformance`](mod@conformance) |
//! | set the time | [`Clock`], [`Delivery::at`] |

mod answer;
mod client;
mod clock;
pub mod conformance;
mod contract;
mod delivery;
mod drift;
mod duplicates;
mod envelope;
mod sample;
mod samples;
mod shapes;

pub use aghanim_hooks_macros::Sample;
pub use answer::{RawAnswer, Refused};
pub use client::TestClient;
pub use clock::Clock;
pub use contract::Fit;
pub use delivery::{Delivery, event};
pub use drift::drift;
pub use duplicates::Answers;
pub use sample::Sample;
pub use shapes::{Field, payload_fields, sample_request, set_field};
