//! The answer to a delivery, as it is stored and as it is sent.

use std::fmt::Display;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use serde::Serialize;

use crate::idempotency::StoredAnswer;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// How long Aghanim is asked to wait before it sends an event again, in the answers that this crate gives by itself.
const RETRY_LATER: Duration = Duration::from_secs(1);

/// An answer on its way out.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub(crate) status: StatusCode,
    /// JSON, unless a store of the user's own kept something else.
    pub(crate) content_type: HeaderValue,
    pub(crate) body: Bytes,
    pub(crate) retry_after: Option<Duration>,
}

impl Answer {
    /// `{"status":"ok"}` with status 200.
    pub(crate) const ACK: Self = Self::fixed(StatusCode::OK, r#"{"status":"ok"}"#);

    pub(crate) const fn fixed(status: StatusCode, body: &'static str) -> Self {
        Self { status, content_type: JSON, body: Bytes::from_static(body.as_bytes()), retry_after: None }
    }

    /// The reply as JSON, with status 200.
    ///
    /// # Errors
    /// Fails if it cannot be written as JSON.
    pub(crate) fn reply<R: Serialize>(reply: &R) -> serde_json::Result<Self> {
        // Most replies fit without growing the buffer.
        let mut body = Vec::with_capacity(256);
        serde_json::to_writer(&mut body, reply)?;
        Ok(Self { status: StatusCode::OK, content_type: JSON, body: body.into(), retry_after: None })
    }

    /// `{"status":"error","code":…,"message":…}`
    pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Self {
        #[derive(Serialize)]
        struct Error<'a> {
            status: &'static str,
            code: &'a str,
            message: &'a str,
        }
        let body = serde_json::to_vec(&Error { status: "error", code, message }).expect("strings serialize");
        Self { status, content_type: JSON, body: body.into(), retry_after: None }
    }

    /// 503 with `Retry-After`: nothing was kept, and the event should be sent again.
    pub(crate) fn unavailable() -> Self {
        let answer = Self::error(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Try again later");
        Self { retry_after: Some(RETRY_LATER), ..answer }
    }

    /// 500 without the cause, which is in the log under this id.
    pub(crate) fn internal_error(id: impl Display) -> Self {
        let message = format!("Internal error ({id})");
        Self::error(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", &message)
    }
}

impl From<&Answer> for StoredAnswer {
    fn from(answer: &Answer) -> Self {
        Self { status: answer.status, content_type: answer.content_type.clone(), body: answer.body.clone() }
    }
}

impl From<StoredAnswer> for Answer {
    fn from(StoredAnswer { status, content_type, body }: StoredAnswer) -> Self {
        Self { status, content_type, body, retry_after: None }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(self.body.into());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, self.content_type);
        if let Some(delay) = self.retry_after {
            let seconds = delay.as_secs().saturating_add(u64::from(delay.subsec_nanos() > 0));
            headers.insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}
