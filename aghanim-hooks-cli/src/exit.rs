//! The command's exit codes.

use std::process::ExitCode;

use aghanim_hooks::testing::Fit;
use aghanim_hooks::testing::conformance::Unanswered;

/// The documented exit codes. The greatest of several counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Exit {
    /// 0: as asked.
    #[default]
    Ok = 0,
    /// 1: a signature, an answer or a scenario differs from what it should be.
    Differs = 1,
    /// 2: the command can't be run like that.
    Usage = 2,
    /// 3: the receiver refused, or can't be reached.
    Refused = 3,
    /// 4: the receiver did not answer in time.
    Timeout = 4,
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
