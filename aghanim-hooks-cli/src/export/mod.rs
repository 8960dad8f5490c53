//! A recorded delivery for other tools, with personal data replaced.

mod curl;
mod form;
mod har;
mod redact;
mod rust_test;

pub use curl::curl;
pub(crate) use form::{Export, Form};
pub use har::har;
pub use redact::{redact, redact_answer, redact_fields};
pub use rust_test::rust_test;
