//! The signature, and the form of the body that it signs.

use std::time::SystemTime;

use http::Extensions;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName};

use super::refusal::Refusal;
use crate::control::Ring;
use crate::observer::Unauthenticated;
use crate::signature::{SIGNATURE_HEADER, SignedHeaders, TIMESTAMP_HEADER};

// Names that are parsed once, when this is compiled.
const SIGNATURE: HeaderName = HeaderName::from_static(SIGNATURE_HEADER);
const TIMESTAMP: HeaderName = HeaderName::from_static(TIMESTAMP_HEADER);

/// Reads the two headers of the signature.
///
/// A request without them, or with a timestamp outside the time window, is refused before its body is read.
pub(super) fn signed_headers(ring: &Ring, headers: &HeaderMap, now: SystemTime) -> Result<SignedHeaders, Refusal> {
    let signature = single(headers, &SIGNATURE)?;
    let timestamp = single(headers, &TIMESTAMP)?;
    let headers = SignedHeaders::parse(signature, timestamp).map_err(|error| Refusal::unsigned(error.into(), error))?;
    ring.check_time(&headers, now).map_err(|error| Refusal::unsigned(error.into(), error))?;
    Ok(headers)
}

/// The value of a header that must be there exactly once. If there were two, a proxy may have checked the other one.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<&'a [u8], Refusal> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(value.as_bytes()),
        (None, _) => Err(Refusal::unsigned(Unauthenticated::Missing, format_args!("`{name}` is missing"))),
        (Some(_), Some(_)) => {
            Err(Refusal::unsigned(Unauthenticated::Doubled, format_args!("`{name}` is there more than once")))
        }
    }
}

/// Checks that a valid secret signed this body, and that the timestamp is within the time window. Returns the secret's
/// index.
pub(super) fn signature(ring: &Ring, headers: &SignedHeaders, body: &[u8], now: SystemTime) -> Result<usize, Refusal> {
    ring.verify(headers, body, now).map_err(|error| Refusal::unsigned(error.into(), error))
}

/// The machine's clock.
#[cfg(not(feature = "testing"))]
pub(super) fn now(_: &Extensions) -> SystemTime {
    SystemTime::now()
}

/// The clock that a test attached to the request, else the machine's.
#[cfg(feature = "testing")]
pub(super) fn now(extensions: &Extensions) -> SystemTime {
    crate::testing::Clock::of(extensions)
}

/// Checks that the body is `application/json`, with or without parameters, and is not compressed.
pub(super) fn content(headers: &HeaderMap) -> Result<(), Refusal> {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    // If there are two types, a proxy in front may have used the other one.
    let (Some(value), None) = (types.next(), types.next()) else { return Err(Refusal::NotJson) };
    let essence = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
    if !essence.trim_ascii().eq_ignore_ascii_case(b"application/json") {
        return Err(Refusal::NotJson);
    }
    let plain = |encoding: &[u8]| encoding.is_empty() || encoding.eq_ignore_ascii_case(b"identity");
    if headers.get_all(CONTENT_ENCODING).iter().all(|encoding| plain(encoding.as_bytes().trim_ascii())) {
        return Ok(());
    }
    Err(Refusal::Encoded)
}
