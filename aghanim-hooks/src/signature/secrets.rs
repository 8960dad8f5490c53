use std::env;

use super::{Secret, SecretError};

/// The secrets that are valid at the moment: the current one, and older ones while they are being replaced.
///
/// Aghanim does not document whether an old secret stays valid for a while after a new one was made. With both, no
/// delivery is refused during the change. Each costs one HMAC over the body of every request.
///
/// ```
/// use aghanim_hooks::signature::{Secret, Secrets, Verifier};
///
/// let new = Secret::new("whsec_90d1b3c55e7fa284")?;
/// let old = Secret::new("whsec_4f1c9d0a77b2e8d6")?;
/// let verifier = Verifier::new(Secrets::new(new).or(old));
/// # Ok::<(), aghanim_hooks::signature::SecretError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Secrets {
    current: Secret,
    others: Vec<Secret>,
}

impl Secrets {
    /// One secret.
    #[must_use]
    pub fn new(current: Secret) -> Self {
        Self { current, others: Vec::new() }
    }

    /// Adds another valid secret. Takes a [`Secret`], or an `Option` of one.
    #[must_use]
    pub fn or(mut self, other: impl Into<Option<Secret>>) -> Self {
        self.others.extend(other.into());
        self
    }

    /// Reads the current and the previous secret from two environment variables.
    ///
    /// The variable of the previous secret may be unset or empty: set it while a secret is replaced, and remove it when
    /// the old secret is no longer used.
    ///
    /// ```no_run
    /// use aghanim_hooks::signature::Secrets;
    ///
    /// let secrets = Secrets::from_env("AGHANIM_WEBHOOK_SECRET", "AGHANIM_WEBHOOK_SECRET_PREVIOUS")?;
    /// # Ok::<(), aghanim_hooks::signature::SecretError>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`SecretError`] if the first variable holds no secret, or if the second one is set to a text that is not a
    /// secret. The message names the variable, never its value.
    pub fn from_env(current: &str, previous: &str) -> Result<Self, SecretError> {
        let secrets = Self::new(Secret::from_env(current)?);
        if env::var_os(previous).is_none_or(|value| value.is_empty()) {
            return Ok(secrets);
        }
        Ok(secrets.or(Secret::from_env(previous)?))
    }

    /// All secrets, the current one first.
    pub fn iter(&self) -> impl Iterator<Item = &Secret> {
        std::iter::once(&self.current).chain(&self.others)
    }
}

impl From<Secret> for Secrets {
    fn from(secret: Secret) -> Self {
        Self::new(secret)
    }
}
