//! The command's exit codes.

use std::process::ExitCode;

use aghanim_hooks::testing::Fit;
use aghanim_hooks::testing::conformance::Unanswered;

use crate::management::error::ApiError;

/// The documented exit codes. The greatest of several counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Exit {
    /// 0: as asked.
    #[default]
    Ok = 0,
    /// 1: a signature, an answer, a scenario, a registration or a document differs from what it should be.
    Differs = 1,
    /// 2: the command can't be run like that.
    Usage = 2,
    /// 3: the receiver or Aghanim refused, or can't be reached.
    Refused = 3,
    /// 4: there was no answer in time.
    Timeout = 4,
}

impl Exit {
    /// The exit code of an error.
    #[must_use]
    pub fn of(error: &anyhow::Error) -> Self {
        error.chain().find_map(|cause| cause.downcast_ref::<ApiError>()).map_or(Self::Usage, ApiError::exit)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<&Fit> for Exit {
    fn from(fit: &Fit) -> Self {
        match fit {
            Fit::Accepted => Self::Ok,
            Fit::Misfit(_) => Self::Differs,
            _ => Self::Refused,
        }
    }
}

impl From<&Unanswered> for Exit {
    fn from(unanswered: &Unanswered) -> Self {
        if matches!(unanswered, Unanswered::Timeout(_)) { Self::Timeout } else { Self::Refused }
    }
}
