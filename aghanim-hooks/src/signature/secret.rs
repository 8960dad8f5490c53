use std::env::{self, VarError};
use std::fmt;

use hmac::{EagerHash, Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::{Signature, SignedHeaders};

/// A shorter text is a placeholder.
const MIN_BYTES: usize = 16;

/// A secret with less estimated entropy, in bits, is weak: 16 random hexadecimal digits have at most 64.
const WEAK_BELOW_BITS: f64 = 50.0;

/// A webhook's signing secret, as the dashboard shows it when the webhook is registered.
///
/// The samples of Aghanim's documentation call it `<YOUR_S2S_KEY>`. It is the webhook's own secret, not the API key. Its
/// bytes are the key: no base64 or hex decoding.
///
/// The HMAC key schedule is computed once, here, and the text is not kept. `Debug` prints no part of the secret, and its
/// key schedule is wiped from memory on drop.
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
    weak: bool,
}

// A keyed HMAC is two hash states. This compiles only if both are wiped on drop.
const _: fn(<Sha256 as EagerHash>::Core) = |state| {
    fn wiped_on_drop(_: impl ZeroizeOnDrop) {}
    wiped_on_drop(state);
};

impl Secret {
    /// Takes the secret's text.
    ///
    /// # Errors
    /// Returns [`SecretError`] if the text is empty, begins or ends with white space, or is shorter than 16 bytes. These
    /// limits are our choice: the real length and format are not documented.
    #[expect(clippy::missing_panics_doc, reason = "HMAC takes a key of any length")]
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self, SecretError> {
        let secret = secret.as_ref();
        if secret.is_empty() {
            return Err(SecretError::Empty);
        }
        if secret.trim_ascii().is_empty() {
            return Err(SecretError::Blank);
        }
        if has_space_around(secret) {
            return Err(SecretError::Spaces);
        }
        if secret.len() < MIN_BYTES {
            return Err(SecretError::Short { bytes: secret.len() });
        }
        let keyed = Hmac::new_from_slice(secret).expect("HMAC takes a key of any length");
        Ok(Self { keyed, weak: entropy(secret) < WEAK_BELOW_BITS })
    }

    /// Reads the secret from an environment variable.
    ///
    /// ```no_run
    /// use aghanim_hooks::Secret;
    ///
    /// let secret = Secret::from_env("AGHANIM_WEBHOOK_SECRET")?;
    /// # Ok::<(), aghanim_hooks::signature::SecretError>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`SecretError`] if the variable is not set or not UTF-8, and in the cases of [`Secret::new`]. The message
    /// names the variable, never its value.
    pub fn from_env(variable: &str) -> Result<Self, SecretError> {
        let in_variable = |reason| SecretError::Variable { variable: variable.to_owned(), reason: Box::new(reason) };
        match env::var(variable) {
            Ok(value) => Self::new(Zeroizing::new(value).as_bytes()).map_err(in_variable),
            Err(VarError::NotPresent) => Err(in_variable(SecretError::Unset)),
            Err(VarError::NotUnicode(_)) => Err(in_variable(SecretError::NotUnicode)),
        }
    }

    /// True if the secret looks guessable: it is short, or repeats few characters.
    ///
    /// An endpoint logs a warning for such a secret when it is mounted. The estimate only finds careless secrets: the
    /// entropy of its bytes, judged by how often each occurs, is below 50 bits.
    ///
    /// ```
    /// use aghanim_hooks::Secret;
    ///
    /// assert!(Secret::new("testtesttesttest")?.is_weak());
    /// assert!(!Secret::new("whsec_4f1c9d0a77b2e8d6")?.is_weak());
    /// # Ok::<(), aghanim_hooks::signature::SecretError>(())
    /// ```
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.weak
    }

    /// Signs a body as Aghanim does: HMAC-SHA256 over `{timestamp}.{body}`.
    ///
    /// For tests, replays and tools. To check a request use [`Verifier`](super::Verifier).
    #[must_use]
    pub fn sign(&self, timestamp: &[u8], body: &[u8]) -> Signature {
        Signature(self.mac(timestamp, body).finalize().into_bytes().into())
    }

    /// True if this secret signed the body. The time does not depend on where the signatures differ.
    pub(super) fn signed(&self, headers: &SignedHeaders, body: &[u8]) -> bool {
        self.mac(headers.timestamp(), body).verify_slice(&headers.signature.0).is_ok()
    }

    fn mac(&self, timestamp: &[u8], body: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.keyed.clone();
        mac.update(timestamp);
        mac.update(b".");
        mac.update(body);
        mac
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// True if the text begins or ends with white space, of ASCII or Unicode, or with a byte order mark.
fn has_space_around(secret: &[u8]) -> bool {
    let space = |character: char| character.is_whitespace() || character == '\u{feff}';
    match std::str::from_utf8(secret) {
        Ok(text) => text.starts_with(space) || text.ends_with(space),
        Err(_) => secret.trim_ascii().len() < secret.len(),
    }
}

/// The Shannon entropy of the text in bits, from how often each of its bytes occurs.
fn entropy(text: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text {
        counts[usize::from(*byte)] += 1;
    }
    let length: f64 = counts.iter().copied().map(f64::from).sum();
    counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count)).map(|n| n * (length / n).log2()).sum()
}

/// The reason why a text is not accepted as a [`Secret`].
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretError {
    /// The text is empty.
    Empty,
    /// The text is only white space.
    Blank,
    /// The text begins or ends with white space.
    Spaces,
    /// The text is shorter than 16 bytes.
    Short {
        /// Its length in bytes.
        bytes: usize,
    },
    /// The environment variable is not set.
    Unset,
    /// The environment variable is not UTF-8.
    NotUnicode,
    /// A secret could not be read from an environment variable.
    Variable {
        /// The environment variable's name.
        variable: String,
        /// The fault of its value.
        reason: Box<SecretError>,
    },
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the webhook secret is empty"),
            Self::Blank => f.write_str("the webhook secret is only white space"),
            Self::Spaces => f.write_str(
                "the webhook secret begins or ends with white space, probably a line break at the end of the file that it \
                 was read from: remove it, or call `trim()` before `Secret::new`",
            ),
            Self::Short { bytes } => write!(
                f,
                "the webhook secret has {bytes} bytes, and at least {MIN_BYTES} are needed: copy it from the webhook's page in Aghanim's dashboard"
            ),
            Self::Unset => f.write_str("not set: set it to the webhook's secret from Aghanim's dashboard"),
            Self::NotUnicode => f.write_str("not UTF-8"),
            Self::Variable { variable, reason } => write!(f, "environment variable `{variable}`: {reason}"),
        }
    }
}

/// The text of `Display`, since `main` prints an error that it returns with `Debug`.
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
    fn empty_blank_and_short_texts_are_refused() {
        assert_eq!(Secret::new("").unwrap_err(), SecretError::Empty);
        assert_eq!(Secret::new(" \t\r\n                ").unwrap_err(), SecretError::Blank);
        assert_eq!(Secret::new("fifteen bytes!!").unwrap_err(), SecretError::Short { bytes: 15 });
        assert!(Secret::new("sixteen bytes!!!").is_ok());
    }

    #[test]
    fn white_space_around_a_secret_is_refused_with_a_hint() {
        for space in [" ", "\n", "\r\n", "\t", "\u{a0}", "\u{feff}"] {
            for text in [format!("sixteen bytes!!!{space}"), format!("{space}sixteen bytes!!!")] {
                let error = Secret::new(&text).unwrap_err();
                assert_eq!(error, SecretError::Spaces, "{text:?}");
                assert!(error.to_string().contains("trim()") && !error.to_string().contains("sixteen"), "{error}");
            }
        }
        assert_eq!(Secret::new(b"\xff\xfe sixteen bytes\n").unwrap_err(), SecretError::Spaces);
        assert!(Secret::new("white space within is the sender's choice").is_ok());
    }

    #[test]
    fn guessable_secrets_are_weak() {
        for weak in ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "testtesttesttest", "1234567812345678", "changemechangeme"] {
            assert!(Secret::new(weak).unwrap().is_weak(), "{weak}");
        }
        for strong in ["4f1c9d0a77b2e8d6", "whsec_4f1c9d0a77b2e8d6", "c5d0f4a1-8a57-4f43-9f59-4c0d7a1c8e0b"] {
            assert!(!Secret::new(strong).unwrap().is_weak(), "{strong}: {}", entropy(strong.as_bytes()));
        }
    }

    #[test]
    fn an_unset_variable_is_named() {
        let error = Secret::from_env("AGHANIM_HOOKS_TEST_UNSET").unwrap_err();
        assert!(error.to_string().starts_with("environment variable `AGHANIM_HOOKS_TEST_UNSET`: not set"), "{error}");
    }

    #[test]
    fn debug_prints_no_part_of_the_secret() {
        let secret = Secret::new("sixteen bytes!!!").unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(..)");
        assert!(!format!("{:?}", super::super::Verifier::new(secret)).contains("sixteen"));
    }

    #[test]
    fn a_secret_may_be_any_bytes() {
        assert!(Secret::new(b"\xff\xfe sixteen bytes").is_ok());
    }

    #[test]
    fn entropy_is_in_bits_of_the_whole_text() {
        assert!((entropy(b"aabb") - 4.0).abs() < 1e-9);
        assert!(entropy(b"aaaa").abs() < 1e-9);
    }
}
