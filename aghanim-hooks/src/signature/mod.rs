//! Who sent these bytes, and when: HMAC-SHA256 over `{timestamp}.{raw body}`.
//!
//! This module knows neither HTTP nor JSON. It takes header values and a body as bytes, so that any server can use it
//! (build the crate with `default-features = false` to get nothing else). The endpoint of this crate is one such user.
//!
//! What is signed, and how it is written, is [Aghanim's documentation]'s: the key is the secret string's own bytes, the
//! message is the timestamp header exactly as it came, one `.`, and the raw body; the signature is 64 hexadecimal
//! characters. That upper-case digits are accepted too, and the [time window](Tolerance), are this crate's choices.
//!
//! ```
//! use aghanim_hooks::signature::{Secret, SignedHeaders, Verifier};
//! use std::time::{Duration, UNIX_EPOCH};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let secret = Secret::new("whsec_4f1c9d0a77b2e8d6")?;
//! let body = br#"{"event_type":"player.verify","event_data":{"player_id":"2D2R-OP3C"}}"#;
//! let signature = secret.sign(b"1714147200", body).to_string();
//!
//! let verifier = Verifier::new(secret);
//! let headers = SignedHeaders::parse(signature.as_bytes(), b"1714147200")?;
//! let now = UNIX_EPOCH + Duration::from_secs(1_714_147_260);
//! verifier.verify(&headers, body, now)?;
//! # Ok(())
//! # }
//! ```
//!
//! [Aghanim's documentation]: https://docs.aghanim.com

mod headers;
mod secret;
mod verifier;

pub use headers::{HeaderError, SIGNATURE_HEADER, Signature, SignedHeaders, TIMESTAMP_HEADER};
pub use secret::{Secret, SecretError};
pub use verifier::{Tolerance, Verifier, VerifyError};
