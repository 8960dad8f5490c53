use std::env;
use std::io::{self, Write as _};

/// Prints why a test is skipped, even if the test's output is captured.
///
/// # Panics
/// Panics if `CI` is set: nothing is skipped there.
pub fn skip(test: &str, reason: &str) {
    assert!(env::var_os("CI").is_none(), "CI is set, so no test is skipped, but {reason}");
    drop(writeln!(io::stderr(), "SKIPPED {test}: {reason}"));
}
