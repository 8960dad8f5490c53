use std::fmt;

/// Names one failure in the log and in its answer. Random, so it tells the caller nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct ErrorId(u64);

impl ErrorId {
    pub(super) fn new() -> Self {
        // Without randomness the failure has no name of its own, but it is still logged and answered.
        Self(getrandom::u64().unwrap_or_default())
    }
}

impl fmt::Display for ErrorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
