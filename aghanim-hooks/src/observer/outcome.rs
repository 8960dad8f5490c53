use std::fmt;

use crate::signature::{HeaderError, VerifyError};

/// The end of one request.
///
/// [`label`](Self::label) names it in metrics, [`Display`](fmt::Display) writes the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// The handler answered.
    Answered,
    /// The handler refused for good, with a 4xx of its choice. For `item.add` this may refund the payment.
    Refused,
    /// The handler failed: an error, a panic, or an extractor that refused. It will be delivered again.
    Failed,
    /// Not answered within [`Webhooks::timeout`](crate::Webhooks::timeout).
    TimedOut,
    /// The same event was being handled, and this request waited for that answer.
    Duplicate,
    /// The event had been answered before, and got that answer again.
    Replayed,
    /// The key had been answered before, for other data. Answered as before, or with 409, as
    /// [`KeyReuse`](crate::idempotency::KeyReuse) says.
    KeyReused,
    /// The idempotency store failed. It will be delivered again.
    StoreFailed,
    /// Not proven to come from Aghanim.
    Unauthenticated(Unauthenticated),
    /// Authenticated, but not of the form that the event's payload asks for.
    Malformed {
        /// The place of the mistake, such as `event_data.items[0].sku`; empty where the JSON itself is broken.
        path: &'a str,
    },
    /// An event type that no handler takes, refused.
    Unknown,
    /// An event type that no handler takes, accepted as [`UnknownEvents`](crate::UnknownEvents) says.
    Ignored,
    /// An event of an environment that is not taken here.
    WrongEnvironment,
    /// An event without a key, where [`Webhooks::require_key`](crate::Webhooks::require_key) asks for one.
    NoKey,
    /// An event without the flag `sandbox`, where the endpoint requires it.
    NoSandboxFlag,
    /// Authenticated, but its content type is not JSON, or it is compressed.
    NotJson,
    /// The body is longer than [`Webhooks::body_limit`](crate::Webhooks::body_limit).
    TooLarge,
    /// The body did not arrive in time.
    TooSlow,
    /// The body broke off.
    BrokenOff,
    /// Unauthenticated bodies occupy the memory of [`Webhooks::unverified_limit`](crate::Webhooks::unverified_limit).
    MemoryFull,
    /// Events of this type are paused for maintenance.
    Paused,
    /// The limit of events of this type that are handled at once is reached.
    Busy,
    /// The process is being stopped.
    Draining,
    /// The client hung up before it was answered. A handler without `Tx` still runs to its end.
    HungUp,
}

/// The reason why a request was not authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unauthenticated {
    /// A header of the signature is missing.
    Missing,
    /// A header of the signature comes twice.
    Doubled,
    /// A header of the signature is malformed.
    Header,
    /// No active secret signed this body.
    Signature,
    /// The signature is older than the time window allows.
    Stale,
    /// The signature is further ahead of the clock than the time window allows.
    Future,
}

impl Outcome<'_> {
    /// The labels of all outcomes, in the order of the enum.
    pub const LABELS: &'static [&'static str] = &[
        "answered",
        "refused",
        "failed",
        "timed_out",
        "duplicate",
        "replayed",
        "key_reused",
        "store_failed",
        "unauthenticated",
        "malformed",
        "unknown",
        "ignored",
        "wrong_environment",
        "no_key",
        "no_sandbox_flag",
        "not_json",
        "too_large",
        "too_slow",
        "broken_off",
        "memory_full",
        "paused",
        "busy",
        "draining",
        "hung_up",
    ];

    /// The outcome's name in metrics, one of [`LABELS`](Self::LABELS).
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
            Self::Duplicate => "duplicate",
            Self::Replayed => "replayed",
            Self::KeyReused => "key_reused",
            Self::StoreFailed => "store_failed",
            Self::Unauthenticated(_) => "unauthenticated",
            Self::Malformed { .. } => "malformed",
            Self::Unknown => "unknown",
            Self::Ignored => "ignored",
            Self::WrongEnvironment => "wrong_environment",
            Self::NoKey => "no_key",
            Self::NoSandboxFlag => "no_sandbox_flag",
            Self::NotJson => "not_json",
            Self::TooLarge => "too_large",
            Self::TooSlow => "too_slow",
            Self::BrokenOff => "broken_off",
            Self::MemoryFull => "memory_full",
            Self::Paused => "paused",
            Self::Busy => "busy",
            Self::Draining => "draining",
            Self::HungUp => "hung_up",
        }
    }

    /// True if a signature proved that Aghanim sent the request. A client that hung up may be anyone.
    #[must_use]
    pub fn is_authenticated(&self) -> bool {
        !matches!(self, Self::Unauthenticated(_) | Self::TooLarge | Self::TooSlow | Self::BrokenOff | Self::MemoryFull)
    }

    /// True if the event was taken: it has been handled now or before, and need not come again.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Answered | Self::Refused | Self::Duplicate | Self::Replayed | Self::Ignored)
    }

    /// True if an operator should look: the event was not handled because the game or its database failed.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        matches!(self, Self::Failed | Self::TimedOut | Self::StoreFailed | Self::KeyReused | Self::Malformed { .. })
    }
}

impl fmt::Display for Outcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

impl Unauthenticated {
    /// All reasons.
    pub const ALL: &'static [Self] =
        &[Self::Missing, Self::Doubled, Self::Header, Self::Signature, Self::Stale, Self::Future];

    /// The reason's name in metrics.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Missing => "signature_missing",
            Self::Doubled => "signature_doubled",
            Self::Header => "signature_malformed",
            Self::Signature => "signature_wrong",
            Self::Stale => "signature_stale",
            Self::Future => "signature_future",
        }
    }
}

impl From<HeaderError> for Unauthenticated {
    fn from(_: HeaderError) -> Self {
        Self::Header
    }
}

impl From<VerifyError> for Unauthenticated {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Signature => Self::Signature,
            VerifyError::Stale { .. } => Self::Stale,
            VerifyError::Future { .. } => Self::Future,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[Outcome<'static>] = &[
        Outcome::Answered,
        Outcome::Refused,
        Outcome::Failed,
        Outcome::TimedOut,
        Outcome::Duplicate,
        Outcome::Replayed,
        Outcome::KeyReused,
        Outcome::StoreFailed,
        Outcome::Unauthenticated(Unauthenticated::Missing),
        Outcome::Malformed { path: "" },
        Outcome::Unknown,
        Outcome::Ignored,
        Outcome::WrongEnvironment,
        Outcome::NoKey,
        Outcome::NoSandboxFlag,
        Outcome::NotJson,
        Outcome::TooLarge,
        Outcome::TooSlow,
        Outcome::BrokenOff,
        Outcome::MemoryFull,
        Outcome::Paused,
        Outcome::Busy,
        Outcome::Draining,
        Outcome::HungUp,
    ];

    #[test]
    fn each_outcome_has_its_own_label_in_the_list() {
        let labels: Vec<_> = ALL.iter().map(Outcome::label).collect();
        assert_eq!(labels, Outcome::LABELS);
        let mut distinct = labels.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), labels.len());
    }

    #[test]
    fn an_outcome_is_not_both_taken_and_a_fault() {
        for outcome in ALL {
            assert!(!(outcome.is_taken() && outcome.is_fault()), "{outcome}");
            assert!(outcome.is_authenticated() || !(outcome.is_taken() || outcome.is_fault()), "{outcome}");
        }
    }
}
