//! Proves that Aghanim signed a request: HMAC-SHA256 over `{timestamp}.{raw body}`.
//!
//! This module knows neither HTTP nor JSON. It takes header values and a body as bytes, so any server can use it. Build the
//! crate with `default-features = false` to get this module alone. The endpoint of this crate is one of its users.
//!
//! [Aghanim's documentation] fixes the format: the key is the secret's own bytes, the message is the text of the timestamp
//! header, one `.`, and the raw body, and the signature is 64 hexadecimal characters. Two things are our choice: upper-case
//! digits are accepted too, and the signed timestamp must lie in a [time window](Tolerance).
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

mod file;
mod headers;
mod secret;
mod secrets;
mod verifier;

pub use file::SecretsFileError;
pub use headers::{HeaderError, SIGNATURE_HEADER, Signature, SignedHeaders, TIMESTAMP_HEADER};
pub use secret::{Secret, SecretError};
pub use secrets::Secrets;
pub use verifier::{Tolerance, Verifier, VerifyError};
