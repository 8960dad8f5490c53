//! Signed requests, as they come out of the HTTP server.

use std::time::{SystemTime, UNIX_EPOCH};

use aghanim_hooks::Secret;
use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST, USER_AGENT};

/// The secret of every measured endpoint.
pub const SECRET: &str = "whsec_4f1c9d0a77b2e8d6c05b3f1a";

/// A delivery: a body and the two headers that sign it now.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The raw body.
    pub body: Bytes,
    /// `X-Aghanim-Signature`
    pub signature: String,
    /// `X-Aghanim-Signature-Timestamp`
    pub timestamp: String,
}

impl Delivery {
    /// Signs a body.
    ///
    /// # Panics
    /// Panics if the clock is before 1970.
    #[must_use]
    pub fn new(body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
        let timestamp = now.as_secs().to_string();
        let secret = Secret::new(SECRET).expect("a secret");
        let signature = secret.sign(timestamp.as_bytes(), &body).to_string();
        Self { body, signature, timestamp }
    }

    /// The request, with the headers of Aghanim's documented samples.
    ///
    /// # Panics
    /// Never: the headers are valid.
    #[must_use]
    pub fn request(&self) -> Request {
        Request::post("/webhook")
            .header(HOST, "game.example.com")
            .header(USER_AGENT, "Aghanim/0.1.0")
            .header(ACCEPT, "*/*")
            .header(ACCEPT_ENCODING, "gzip, deflate")
            .header(CONTENT_TYPE, "application/json")
            .header(CONTENT_LENGTH, self.body.len())
            .header("x-aghanim-signature", &self.signature)
            .header("x-aghanim-signature-timestamp", &self.timestamp)
            .body(Body::from(self.body.clone()))
            .expect("a valid request")
    }
}
