//! Tests for handlers and endpoints, without Aghanim and without a socket.
//!
//! This is the feature `testing`. Turn it on for tests only:
//!
//! ```toml
//! [dev-dependencies]
//! aghanim-hooks = { version = "0.1", features = ["testing"] }
//! ```

mod sample;
mod samples;

pub use sample::Sample;
