//! The signature headers, as they are written in documents.

use serde_json::{Value, json};

/// The header with the signature, as Aghanim's documentation writes it.
pub(super) const SIGNATURE: &str = "X-Aghanim-Signature";

/// The header with the signed timestamp, as Aghanim's documentation writes it.
pub(super) const TIMESTAMP: &str = "X-Aghanim-Signature-Timestamp";

pub(super) const ABOUT: &str = "Signed events from Aghanim, and the answers to them. Unknown keys in an event are \
    ignored, and a field that may be missing may be null.";

pub(super) const ABOUT_SIGNATURE: &str = "HMAC-SHA256 in hexadecimal digits. The key is the webhook's secret. The message \
    is the value of X-Aghanim-Signature-Timestamp, one `.`, and the raw body.";

pub(super) const ABOUT_TIMESTAMP: &str = "The signed time, in Unix seconds. In every documented sample it is the time of \
    the event.";

pub(super) fn signature() -> Value {
    json!({ "type": "string", "pattern": "^[0-9A-Fa-f]{64}$", "description": ABOUT_SIGNATURE })
}

pub(super) fn timestamp() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]{1,20}$" })
}
