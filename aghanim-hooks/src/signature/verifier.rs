use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{Secret, Secrets, SignedHeaders};

/// Checks requests against every valid secret, then against the time window.
///
/// ```
/// use aghanim_hooks::signature::{Secret, Verifier};
///
/// let old = Secret::new("whsec_4f1c9d0a77b2e8d6")?;
/// let new = Secret::new("whsec_90d1b3c55e7fa284")?;
/// let verifier = Verifier::new(new).or(old);
/// # Ok::<(), aghanim_hooks::signature::SecretError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Verifier {
    secrets: Secrets,
    tolerance: Tolerance,
}

impl Verifier {
    /// Accepts requests signed with this [`Secret`], or with one of these [`Secrets`], within the default [`Tolerance`].
    #[must_use]
    pub fn new(secrets: impl Into<Secrets>) -> Self {
        Self { secrets: secrets.into(), tolerance: Tolerance::default() }
    }

    /// Accepts requests signed with this secret too. Takes a [`Secret`], or an `Option` of one.
    #[must_use]
    pub fn or(mut self, secret: impl Into<Option<Secret>>) -> Self {
        self.secrets = self.secrets.or(secret);
        self
    }

    /// The valid secrets.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Replaces the time window.
    #[must_use]
    pub fn tolerance(mut self, tolerance: Tolerance) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// The time window.
    #[must_use]
    pub fn time_window(&self) -> Tolerance {
        self.tolerance
    }

    /// Accepts or refuses one request: its headers, its raw body, and the time it arrived. Returns the index of the secret
    /// that signed it.
    ///
    /// Every secret is tried, and a comparison takes the same time wherever the signatures differ.
    ///
    /// # Errors
    /// Returns [`VerifyError`] with the reason, for a log. Answer all reasons alike: a stranger must not learn which it was.
    pub fn verify(&self, headers: &SignedHeaders, body: &[u8], now: SystemTime) -> Result<usize, VerifyError> {
        let mut signer = None;
        for (index, secret) in self.secrets.iter().enumerate() {
            // Every secret is tried, also after a match.
            if secret.signed(headers, body) && signer.is_none() {
                signer = Some(index);
            }
        }
        let signer = signer.ok_or(VerifyError::Signature)?;
        self.check_time(headers, now).map(|()| signer)
    }

    /// Checks the time window alone, before the body has been read.
    ///
    /// The timestamp is not authenticated at this point, so a success proves nothing. A failure saves the work of reading
    /// the body: [`verify`](Self::verify) would refuse the request anyway.
    ///
    /// # Errors
    /// Returns [`VerifyError::Stale`] or [`VerifyError::Future`].
    pub fn check_time(&self, headers: &SignedHeaders, now: SystemTime) -> Result<(), VerifyError> {
        self.tolerance.check(headers.seconds, now)
    }
}

/// How far the signed timestamp may be from this machine's clock: by default 72 hours behind it and 5 minutes ahead.
///
/// The window is our choice, since the documented handlers check no time. The timestamp may be the event's own, not the
/// delivery's, so a window that is narrow into the past would refuse the retry of a purchase.
///
/// ```
/// use aghanim_hooks::signature::Tolerance;
/// use std::time::Duration;
///
/// let day = Tolerance { past: Duration::from_hours(24), ..Tolerance::default() };
/// assert_eq!(day.future, Duration::from_mins(5));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerance {
    /// How old a timestamp may be. [`Duration::MAX`] accepts any age.
    pub past: Duration,
    /// How far ahead of this machine's clock a timestamp may be. [`Duration::MAX`] accepts any.
    pub future: Duration,
}

impl Default for Tolerance {
    fn default() -> Self {
        Self { past: Duration::from_hours(72), future: Duration::from_mins(5) }
    }
}

impl Tolerance {
    fn check(self, seconds: u64, now: SystemTime) -> Result<(), VerifyError> {
        // A clock before 1970 counts as one at 1970: both are wrong.
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let signed = Duration::from_secs(seconds);
        match now.checked_sub(signed) {
            Some(age) if age > self.past => Err(VerifyError::Stale { age }),
            Some(_) => Ok(()),
            None => {
                let ahead = signed.saturating_sub(now);
                if ahead > self.future { Err(VerifyError::Future { ahead }) } else { Ok(()) }
            }
        }
    }
}

/// The reason why a request is refused, for logs. An answer must not tell a stranger which it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyError {
    /// No valid secret signed these bytes with this timestamp.
    Signature,
    /// The timestamp is older than [`Tolerance::past`] allows.
    Stale {
        /// Its age.
        age: Duration,
    },
    /// The timestamp is further ahead of the clock than [`Tolerance::future`] allows.
    Future {
        /// How far it is ahead.
        ahead: Duration,
    },
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signature => f.write_str("no active secret signed this body with this timestamp"),
            Self::Stale { age } => {
                write!(f, "signed {} s ago, which is more than `Tolerance::past` allows", age.as_secs())
            }
            Self::Future { ahead } => write!(
                f,
                "signed {} s ahead of this machine's clock, which is more than `Tolerance::future` allows",
                ahead.as_secs()
            ),
        }
    }
}

impl std::error::Error for VerifyError {}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_714_147_200;
    const BODY: &[u8] = br#"{"event_type":"player.verify"}"#;

    fn secret(text: &str) -> Secret {
        Secret::new(text).unwrap()
    }

    fn verify(verifier: &Verifier, signer: &Secret, timestamp: u64) -> Result<(), VerifyError> {
        let timestamp = timestamp.to_string();
        let signature = signer.sign(timestamp.as_bytes(), BODY).to_string();
        let headers = SignedHeaders::parse(signature.as_bytes(), timestamp.as_bytes()).unwrap();
        verifier.verify(&headers, BODY, UNIX_EPOCH + Duration::from_secs(NOW)).map(drop)
    }

    #[test]
    fn every_active_secret_counts_and_no_other() {
        let (old, new, other) = (secret("the old secret.."), secret("the new secret.."), secret("another secret.."));
        let verifier = Verifier::new(new.clone()).or(old.clone());
        assert_eq!(verify(&verifier, &old, NOW), Ok(()));
        assert_eq!(verify(&verifier, &new, NOW), Ok(()));
        assert_eq!(verify(&verifier, &other, NOW), Err(VerifyError::Signature));
    }

    #[test]
    fn the_window_ends_where_it_says() {
        let secret = secret("the only secret.");
        let tolerance = Tolerance { past: Duration::from_mins(1), future: Duration::from_secs(10) };
        let verifier = Verifier::new(secret.clone()).tolerance(tolerance);
        assert_eq!(verify(&verifier, &secret, NOW - 60), Ok(()));
        assert_eq!(verify(&verifier, &secret, NOW + 10), Ok(()));
        let stale = VerifyError::Stale { age: Duration::from_secs(61) };
        assert_eq!(verify(&verifier, &secret, NOW - 61), Err(stale));
        let future = VerifyError::Future { ahead: Duration::from_secs(11) };
        assert_eq!(verify(&verifier, &secret, NOW + 11), Err(future));
        assert!(matches!(verify(&verifier, &secret, u64::MAX), Err(VerifyError::Future { .. })));
        assert!(matches!(verify(&verifier, &secret, 0), Err(VerifyError::Stale { .. })));
    }

    #[test]
    fn the_window_can_be_opened() {
        let secret = secret("the only secret.");
        let open = Tolerance { past: Duration::MAX, future: Duration::MAX };
        let verifier = Verifier::new(secret.clone()).tolerance(open);
        assert_eq!(verify(&verifier, &secret, 0), Ok(()));
        assert_eq!(verify(&verifier, &secret, u64::MAX), Ok(()));
    }

    #[test]
    fn a_wrong_signature_is_refused_before_its_time_is_looked_at() {
        let verifier = Verifier::new(secret("the only secret."));
        assert_eq!(verify(&verifier, &secret("another secret.."), 0), Err(VerifyError::Signature));
    }

    #[test]
    fn the_time_window_is_the_one_that_was_set() {
        let window = Tolerance { past: Duration::from_secs(7), ..Tolerance::default() };
        assert_eq!(Verifier::new(secret("the only secret..")).tolerance(window).time_window().past, window.past);
    }

    #[test]
    fn an_error_says_how_far_off_the_time_is() {
        assert!(VerifyError::Stale { age: Duration::from_secs(77) }.to_string().contains("77 s"));
        assert!(VerifyError::Future { ahead: Duration::from_secs(78) }.to_string().contains("78 s"));
    }
}
