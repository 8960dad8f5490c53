//! A recorded delivery for other tools, with personal data replaced.

mod curl;
mod har;
mod redact;
mod rust_test;

pub use curl::curl;
pub use har::har;
pub use redact::{redact, redact_answer};
pub use rust_test::rust_test;
