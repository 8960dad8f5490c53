use std::fmt;

/// The header with the signature, in lower case as HTTP libraries look it up. Documented by Aghanim.
pub const SIGNATURE_HEADER: &str = "x-aghanim-signature";

/// The header with the signed timestamp, in lower case. Documented by Aghanim.
pub const TIMESTAMP_HEADER: &str = "x-aghanim-signature-timestamp";

/// `u64::MAX`, the latest timestamp that is accepted.
const LATEST: &[u8; 20] = b"18446744073709551615";

/// An HMAC-SHA256 tag.
///
/// [`Display`](fmt::Display) writes it as Aghanim does: 64 lower-case hexadecimal characters, no prefix. It has no `==`:
/// [`Verifier::verify`](super::Verifier::verify) compares signatures, in constant time.
///
/// ```
/// use aghanim_hooks::signature::{Secret, Signature};
///
/// let secret = Secret::new("whsec_4f1c9d0a77b2e8d6").unwrap();
/// let written = secret.sign(b"1714147200", b"{}").to_string();
/// assert_eq!(written.len(), 64);
/// assert!(Signature::parse(written.as_bytes()).is_ok());
/// ```
#[derive(Clone, Copy)]
pub struct Signature(pub(super) [u8; 32]);

impl Signature {
    /// Reads 64 hexadecimal characters, of either case.
    ///
    /// # Errors
    /// Returns [`HeaderError::Signature`] for any other value.
    pub fn parse(value: &[u8]) -> Result<Self, HeaderError> {
        // The decoder would also accept a `0x` prefix.
        if value.len() != 64 {
            return Err(HeaderError::Signature);
        }
        let mut tag = [0; 32];
        const_hex::decode_to_slice(value, &mut tag).map_err(|_| HeaderError::Signature)?;
        Ok(Self(tag))
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(const_hex::Buffer::<32, false>::new().format(&self.0))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({self})")
    }
}

/// The two signature headers of one request, well-formed but not yet verified.
///
/// A server reads them before the body: a request without them is refused without waiting for its body.
#[derive(Debug, Clone, Copy)]
pub struct SignedHeaders {
    pub(super) signature: Signature,
    /// The header's text in the first `digits` bytes.
    timestamp: [u8; LATEST.len()],
    digits: usize,
    pub(super) seconds: u64,
}

impl SignedHeaders {
    /// Reads the values of [`SIGNATURE_HEADER`] and [`TIMESTAMP_HEADER`].
    ///
    /// The timestamp must be 1 to 20 decimal digits that fit 64 bits: Unix seconds. Its text is kept unchanged, since the
    /// signature covers the text.
    ///
    /// # Errors
    /// Returns [`HeaderError`], which names the malformed header.
    pub fn parse(signature: &[u8], timestamp: &[u8]) -> Result<Self, HeaderError> {
        let signature = Signature::parse(signature)?;
        if timestamp.is_empty() || timestamp.len() > LATEST.len() {
            return Err(HeaderError::Timestamp);
        }
        let mut seconds = 0_u64;
        for character in timestamp {
            let digit = character.wrapping_sub(b'0');
            if digit > 9 {
                return Err(HeaderError::Timestamp);
            }
            seconds = seconds.wrapping_mul(10).wrapping_add(digit.into());
        }
        // Texts of equal length sort as their numbers do.
        if timestamp.len() == LATEST.len() && timestamp > LATEST.as_slice() {
            return Err(HeaderError::Timestamp);
        }
        let mut text = [0; LATEST.len()];
        text[..timestamp.len()].copy_from_slice(timestamp);
        Ok(Self { signature, timestamp: text, digits: timestamp.len(), seconds })
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> Signature {
        self.signature
    }

    /// The timestamp's text, as received.
    #[must_use]
    pub fn timestamp(&self) -> &[u8] {
        &self.timestamp[..self.digits]
    }

    /// The signed time in Unix seconds. In every documented sample it is the event's own time, not the delivery's.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        self.seconds
    }
}

/// The reason why a signature header could not be read, for logs. An answer must not tell a stranger which it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderError {
    /// The signature is not 64 hexadecimal characters.
    Signature,
    /// The timestamp is not Unix seconds in decimal digits.
    Timestamp,
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signature => write!(f, "`{SIGNATURE_HEADER}` is not 64 hexadecimal characters"),
            Self::Timestamp => write!(f, "`{TIMESTAMP_HEADER}` is not Unix seconds in decimal digits"),
        }
    }
}

impl std::error::Error for HeaderError {}

#[cfg(test)]
mod tests {
    use super::*;

    const TAG: &[u8; 64] = b"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    #[test]
    fn signature_of_either_case() {
        let upper = TAG.to_ascii_uppercase();
        assert_eq!(Signature::parse(TAG).unwrap().0, Signature::parse(&upper).unwrap().0);
    }

    #[test]
    fn signature_of_any_other_form_is_refused() {
        let prefixed = [b"0x".as_slice(), &TAG[..62]].concat();
        let long_prefixed = [b"0x".as_slice(), TAG].concat();
        let other: [&[u8]; 7] = [b"", &TAG[..63], &prefixed, &long_prefixed, &[b'g'; 64], &[0xff; 64], &[b' '; 64]];
        for value in other {
            assert_eq!(Signature::parse(value).unwrap_err(), HeaderError::Signature, "{}", value.escape_ascii());
        }
    }

    #[test]
    fn timestamp_is_plain_digits() {
        for good in ["0", "1714147200", "0001714147200", "18446744073709551615"] {
            assert!(SignedHeaders::parse(TAG, good.as_bytes()).is_ok(), "{good}");
        }
        for bad in ["", "+1", "-1", " 1", "1 ", "1.5", "1e3", "18446744073709551616", "000000000000000000001", "١"] {
            let error = SignedHeaders::parse(TAG, bad.as_bytes()).unwrap_err();
            assert_eq!(error, HeaderError::Timestamp, "{bad:?}");
        }
    }

    #[test]
    fn the_signed_time_is_read() {
        assert_eq!(SignedHeaders::parse(TAG, b"1714147200").unwrap().seconds(), 1_714_147_200);
    }

    #[test]
    fn an_error_names_its_header() {
        assert!(HeaderError::Signature.to_string().contains(SIGNATURE_HEADER));
        assert!(HeaderError::Timestamp.to_string().contains(TIMESTAMP_HEADER));
    }
}
