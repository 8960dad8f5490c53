//! The signature, and the type of the body that it signs.

use std::time::SystemTime;

use http::header::{CONTENT_TYPE, HeaderMap};

use super::refusal::Refusal;
use crate::signature::{SIGNATURE_HEADER, SignedHeaders, TIMESTAMP_HEADER, Verifier};

/// Reads the two headers of the signature. A request without them is refused before its body is read.
pub(super) fn signed_headers(headers: &HeaderMap) -> Result<SignedHeaders, Refusal> {
    let signature = single(headers, SIGNATURE_HEADER)?;
    let timestamp = single(headers, TIMESTAMP_HEADER)?;
    SignedHeaders::parse(signature, timestamp).map_err(Refusal::unsigned)
}

/// The value of a header that must be there exactly once. Of two values, a proxy in front may have checked the other.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a [u8], Refusal> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(value.as_bytes()),
        (None, _) => Err(Refusal::unsigned(format_args!("`{name}` is missing"))),
        (Some(_), Some(_)) => Err(Refusal::unsigned(format_args!("`{name}` is there more than once"))),
    }
}

/// Checks that an active secret signed this body, and that the timestamp is within the time window.
pub(super) fn signature(verifier: &Verifier, headers: &SignedHeaders, body: &[u8]) -> Result<(), Refusal> {
    verifier.verify(headers, body, SystemTime::now()).map(drop).map_err(Refusal::unsigned)
}

/// Checks for `application/json`, with or without parameters.
pub(super) fn content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let value = headers.get(CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    let essence = value.split(|byte| *byte == b';').next().unwrap_or_default();
    if essence.trim_ascii().eq_ignore_ascii_case(b"application/json") { Ok(()) } else { Err(Refusal::NotJson) }
}
