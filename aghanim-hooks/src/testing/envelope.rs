use std::time::{SystemTime, UNIX_EPOCH};

use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::Trigger;
use crate::signature::{SIGNATURE_HEADER, Secret, TIMESTAMP_HEADER};

/// An envelope in the form that Aghanim sends.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Outgoing {
    pub(super) event_id: String,
    pub(super) game_id: String,
    pub(super) event_type: String,
    pub(super) event_time: u64,
    pub(super) event_data: Box<RawValue>,
    pub(super) idempotency_key: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) sandbox: bool,
    pub(super) trigger: Option<Trigger>,
    pub(super) transaction_id: String,
    pub(super) context: Option<Box<RawValue>>,
}

impl Outgoing {
    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("strings, numbers and JSON serialize")
    }
}

/// The time in Unix seconds; 0 for any time before 1970, which no timestamp header can express.
pub(super) fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The headers of Aghanim's documented samples, without those of the signature.
pub(super) fn unsigned_headers() -> HeaderMap {
    HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (USER_AGENT, HeaderValue::from_static("Aghanim/0.1.0")),
        (ACCEPT, HeaderValue::from_static("*/*")),
    ])
}

/// The headers of a body that is signed with this text as its timestamp.
///
/// # Panics
/// Panics if the timestamp can't be in a header.
pub(super) fn signed_headers(secret: &Secret, timestamp: &str, body: &[u8]) -> HeaderMap {
    let value = |text: &str| {
        HeaderValue::from_bytes(text.as_bytes())
            .unwrap_or_else(|error| panic!("`{text}` can't be in a header: {error}"))
    };
    let mut headers = unsigned_headers();
    let signature = secret.sign(timestamp.as_bytes(), body).to_string();
    headers.insert(HeaderName::from_static(SIGNATURE_HEADER), value(&signature));
    headers.insert(HeaderName::from_static(TIMESTAMP_HEADER), value(timestamp));
    headers
}
