//! The JSON API of the page and of scripts.

mod actions;
mod detail;
mod events;
mod list;
mod stream;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};

use super::hub::Hub;
use super::record::Record;

/// The largest request, in bytes: a body of 1 MiB, each character of which may be an escape in JSON.
const LARGEST: usize = 8 * 1024 * 1024;

/// Everything that the API needs.
pub(crate) struct Api {
    pub(crate) hub: Arc<Hub>,
    pub(crate) record: Option<Record>,
    /// The URL of the listener for deliveries.
    pub(crate) deliveries_url: String,
}

impl Api {
    /// The URL that deliveries were sent to, for recordings and exports.
    pub(crate) fn receiver_url(&self) -> String {
        self.hub.receiver.url().unwrap_or_else(|| self.deliveries_url.clone())
    }
}

/// An error of the API: a status, and a sentence.
#[derive(Debug)]
pub(crate) struct ApiError(StatusCode, String);

impl ApiError {
    fn new(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self(status, sentence.into())
    }

    fn not_found(id: i64) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is no delivery {id}: it may have been removed"))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        error(self.0, &self.1).into_response()
    }
}

/// The history can't be read or written.
impl From<anyhow::Error> for ApiError {
    fn from(error: anyhow::Error) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}"))
    }
}

/// The answer to a request that is refused.
pub(crate) fn error(status: StatusCode, sentence: &str) -> (StatusCode, Json<Value>) {
    (status, Json(json!({"error": sentence})))
}

type Answer<T = Value> = Result<Json<T>, ApiError>;

/// The routes of the API.
pub(crate) fn routes(api: Arc<Api>) -> Router {
    Router::new()
        .route("/api/status", get(list::status))
        .route("/api/deliveries", get(list::list))
        .route("/api/deliveries/{id}", get(detail::detail))
        .route("/api/deliveries/{id}/resend", post(actions::resend))
        .route("/api/deliveries/{id}/fixture", post(actions::fixture))
        .route("/api/deliveries/{id}/export", get(actions::export))
        .route("/api/stream", get(stream::stream))
        .route("/api/events", get(events::events))
        .route("/api/trigger", post(actions::trigger))
        .route("/api/chaos", put(actions::chaos))
        .route("/api/clear", post(actions::clear))
        .method_not_allowed_fallback(async || error(StatusCode::METHOD_NOT_ALLOWED, "this method is not for this path"))
        .fallback(async || error(StatusCode::NOT_FOUND, "there is nothing here"))
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(api)
}

/// Reads the body of a request, which is a JSON object.
fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let bad = |sentence| ApiError::new(StatusCode::BAD_REQUEST, sentence);
    // serde also reads a struct from an array.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(bad("send a JSON object".to_owned()));
    }
    serde_json::from_slice(body).map_err(|error| bad(format!("the body: {error}")))
}
