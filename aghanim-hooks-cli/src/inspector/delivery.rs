//! A delivery: what came, how it was answered, and how it is listed.

use std::time::Duration;

use aghanim_hooks::testing::RawAnswer;
use bytes::Bytes;
use http::{Extensions, HeaderMap, Method};
use serde::Serialize;

/// A request, as it came or as it will be sent.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// The path, with the query.
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    /// Holds the spelling of the headers' names, which hyper writes again as it read it.
    pub(crate) extensions: Extensions,
    pub(crate) body: Bytes,
}

/// The way in which a delivery came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Origin {
    /// A sender sent it.
    Received,
    /// It was sent again from the page or the API.
    Resent,
    /// It was made from the catalogue.
    Triggered,
    /// Chaos sent it again.
    Duplicate,
}

impl Origin {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Resent => "resent",
            Self::Triggered => "triggered",
            Self::Duplicate => "duplicate",
        }
    }

    pub(crate) fn of(name: &str) -> Self {
        match name {
            "resent" => Self::Resent,
            "triggered" => Self::Triggered,
            "duplicate" => Self::Duplicate,
            _ => Self::Received,
        }
    }
}

/// The verdict on a signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Signature {
    /// `valid`, `invalid` or `unchecked`.
    pub(crate) verdict: String,
    pub(crate) reason: Option<String>,
}

/// A delivery in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Summary {
    pub(crate) id: i64,
    /// RFC 3339, with milliseconds.
    pub(crate) received: String,
    pub(crate) event: Option<String>,
    pub(crate) event_id: Option<String>,
    pub(crate) key: Option<String>,
    /// The number of earlier deliveries of the key.
    pub(crate) key_seen: i64,
    pub(crate) environment: Option<String>,
    pub(crate) signature: Signature,
    pub(crate) status: Option<u16>,
    /// The reason why there is no answer, or why the sender did not get it.
    pub(crate) failure: Option<String>,
    pub(crate) ms: Option<f64>,
    pub(crate) fits: Option<bool>,
    /// The body's size in bytes.
    pub(crate) size: i64,
    pub(crate) origin: Origin,
    /// The delivery that this one repeats.
    pub(crate) of: Option<i64>,
    pub(crate) chaos: Vec<String>,
    pub(crate) method: String,
    pub(crate) path: String,
}

/// A delivery with its bytes.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) summary: Summary,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) answer: Option<RawAnswer>,
    /// The answer, measured by its event's contract.
    pub(crate) why: Option<String>,
}

/// The end of a delivery.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    pub(crate) answer: Option<RawAnswer>,
    pub(crate) failure: Option<String>,
    pub(crate) time: Option<Duration>,
    pub(crate) fits: Option<bool>,
    pub(crate) why: Option<String>,
    pub(crate) chaos: Vec<String>,
}
