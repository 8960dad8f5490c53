use std::fmt;

use hmac::{EagerHash, Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::Signature;

/// Anything shorter is a placeholder, not a secret.
const MIN_BYTES: usize = 16;

/// A webhook's signing secret, as the dashboard shows it when the webhook is registered.
///
/// The key schedule is computed once, here. The text itself is not kept: `Debug` has nothing to show, and what is kept
/// is wiped from memory on drop.
///
/// The samples of Aghanim's documentation call it `<YOUR_S2S_KEY>`; it is the webhook's own secret, not the API key.
/// Its bytes are used as they are: no trimming, no base64 or hex decoding.
///
/// ```
/// use aghanim_hooks::Secret;
///
/// let secret = Secret::new("whsec_4f1c9d0a77b2e8d6")?;
/// assert_eq!(format!("{secret:?}"), "Secret(..)");
/// assert!(Secret::new("change me").is_err());
/// # Ok::<(), aghanim_hooks::signature::SecretError>(())
/// ```
#[derive(Clone)]
pub struct Secret {
    keyed: Hmac<Sha256>,
}

// A keyed HMAC is two hash states, and both are wiped on drop, or this does not compile.
const _: fn(<Sha256 as EagerHash>::Core) = |state| {
    fn wiped_on_drop(_: impl ZeroizeOnDrop) {}
    wiped_on_drop(state);
};

impl Secret {
    /// Takes the secret's text.
    ///
    /// # Errors
    /// [`SecretError`] when the text is empty, only white space, or shorter than 16 bytes (our choice: the real length
    /// is not documented, but a shorter one is a placeholder that a stranger can guess).
    #[expect(clippy::missing_panics_doc, reason = "HMAC takes a key of any length")]
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self, SecretError> {
        let secret = secret.as_ref();
        if secret.is_empty() {
            return Err(SecretError::Empty);
        }
        if secret.trim_ascii().is_empty() {
            return Err(SecretError::Blank);
        }
        if secret.len() < MIN_BYTES {
            return Err(SecretError::Short { bytes: secret.len() });
        }
        let keyed = Hmac::new_from_slice(secret).expect("HMAC takes a key of any length");
        Ok(Self { keyed })
    }

    /// Takes the secret from an environment variable.
    ///
    /// ```no_run
    /// use aghanim_hooks::Secret;
    ///
    /// let secret = Secret::from_env("AGHANIM_WEBHOOK_SECRET")?;
    /// # Ok::<(), aghanim_hooks::signature::SecretError>(())
    /// ```
    ///
    /// # Errors
    /// [`SecretError`] when the variable is not set or not UTF-8, or as for [`Secret::new`]. The message names the
    /// variable, never its value.
    pub fn from_env(variable: &str) -> Result<Self, SecretError> {
        let in_variable = |reason| SecretError::Variable { variable: variable.to_owned(), reason: Box::new(reason) };
        match std::env::var(variable) {
            Ok(value) => Self::new(Zeroizing::new(value).as_bytes()).map_err(in_variable),
            Err(std::env::VarError::NotPresent) => Err(in_variable(SecretError::Unset)),
            Err(std::env::VarError::NotUnicode(_)) => Err(in_variable(SecretError::NotUnicode)),
        }
    }

    /// Signs a body as Aghanim does: HMAC-SHA256 over `{timestamp}.{body}`.
    ///
    /// For tests, replays and tools; to check a request use [`Verifier`](super::Verifier).
    #[must_use]
    pub fn sign(&self, timestamp: &[u8], body: &[u8]) -> Signature {
        let mut mac = self.keyed.clone();
        mac.update(timestamp);
        mac.update(b".");
        mac.update(body);
        Signature(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Why a text was not taken as a [`Secret`].
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretError {
    /// The text is empty.
    Empty,
    /// The text is only white space.
    Blank,
    /// The text is shorter than 16 bytes.
    Short {
        /// How long it is.
        bytes: usize,
    },
    /// The environment variable is not set.
    Unset,
    /// The environment variable is not UTF-8.
    NotUnicode,
    /// [`Secret::from_env`] failed.
    Variable {
        /// The environment variable's name.
        variable: String,
        /// What is wrong with it.
        reason: Box<SecretError>,
    },
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the webhook secret is empty"),
            Self::Blank => f.write_str("the webhook secret is only white space"),
            Self::Short { bytes } => write!(
                f,
                "the webhook secret has {bytes} bytes, and at least {MIN_BYTES} are needed: copy it from the webhook's page in Aghanim's dashboard"
            ),
            Self::Unset => f.write_str("not set: give it the webhook's secret from Aghanim's dashboard"),
            Self::NotUnicode => f.write_str("not UTF-8"),
            Self::Variable { variable, reason } => write!(f, "environment variable `{variable}`: {reason}"),
        }
    }
}

/// As people read it, since it is what `main` prints when it returns an error.
impl fmt::Debug for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for SecretError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_secret() {
        assert_eq!(Secret::new("").unwrap_err(), SecretError::Empty);
        assert_eq!(Secret::new(" \t\r\n                ").unwrap_err(), SecretError::Blank);
        assert_eq!(Secret::new("fifteen bytes!!").unwrap_err(), SecretError::Short { bytes: 15 });
        assert!(Secret::new("sixteen bytes!!!").is_ok());
    }

    #[test]
    fn an_unset_variable_is_named() {
        let error = Secret::from_env("AGHANIM_HOOKS_TEST_UNSET").unwrap_err();
        assert!(error.to_string().starts_with("environment variable `AGHANIM_HOOKS_TEST_UNSET`: not set"), "{error}");
    }

    #[test]
    fn debug_shows_nothing() {
        let secret = Secret::new("sixteen bytes!!!").unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(..)");
        assert_eq!(format!("{:?}", super::super::Verifier::new(secret)).matches("sixteen").count(), 0);
    }
}
