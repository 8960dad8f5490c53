//! The state of the inspector, and the list of deliveries.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::{Answer, Api, ApiError};
use crate::inspector::patterns::Pattern;
use crate::inspector::store::{Filter, Page, Status};

/// The deliveries of a page, unless asked otherwise, and at most.
const PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 1000;

pub(super) async fn status(State(api): State<Arc<Api>>) -> Answer {
    let hub = &api.hub;
    let (count, bytes) = hub.store.totals().await?;
    Ok(Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "forward": hub.receiver.url(),
        "deliveries_url": api.deliveries_url,
        "ephemeral": hub.store.is_ephemeral(),
        "record": api.record.as_ref().map(|record| record.directory.display().to_string()),
        "count": count,
        "bytes": bytes,
        "limits": hub.store.limits(),
        "secret": hub.signing.is_some(),
        "chaos": hub.chaos(),
        "verdict": hub.verdict(),
    })))
}

/// The query of the list, as it comes. An empty value counts as absent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    q: Option<String>,
    event: Option<String>,
    signature: Option<String>,
    status: Option<String>,
    key: Option<String>,
    before: Option<i64>,
    limit: Option<u32>,
}

impl Asked {
    fn filter(self) -> Result<Filter, String> {
        let given = |value: Option<String>| value.filter(|value| !value.is_empty());
        let event = given(self.event).map(|event| Pattern::parse(&event)).transpose()?;
        let signature = given(self.signature);
        if let Some(signature) = signature.as_deref().filter(|name| !["valid", "invalid", "unchecked"].contains(name)) {
            return Err(format!("`signature` is valid, invalid or unchecked, not `{signature}`"));
        }
        let status = given(self.status).map(|status| statuses(&status)).transpose()?;
        let limit = self.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
        Ok(Filter { text: given(self.q), event, signature, status, key: given(self.key), before: self.before, limit })
    }
}

/// Reads `2xx`, `404` or `none`.
fn statuses(text: &str) -> Result<Status, String> {
    let class = text.strip_suffix("xx").and_then(|class| class.parse::<u16>().ok());
    match (text, class, text.parse()) {
        ("none", ..) => Ok(Status::None),
        (_, Some(class @ 1..=5), _) => Ok(Status::Within(class * 100, class * 100 + 99)),
        (_, _, Ok(status)) => Ok(Status::Within(status, status)),
        _ => Err(format!("`status` is 2xx, 404 or none, not `{text}`")),
    }
}

pub(super) async fn list(State(api): State<Arc<Api>>, asked: Result<Query<Asked>, QueryRejection>) -> Answer<Page> {
    let bad = |sentence| ApiError::new(StatusCode::BAD_REQUEST, sentence);
    let Query(asked) = asked.map_err(|rejection| bad(rejection.body_text()))?;
    Ok(Json(api.hub.store.list(&asked.filter().map_err(bad)?).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_a_class_a_number_or_none() {
        assert_eq!(statuses("4xx"), Ok(Status::Within(400, 499)));
        assert_eq!(statuses("404"), Ok(Status::Within(404, 404)));
        assert_eq!(statuses("none"), Ok(Status::None));
        assert!(statuses("9xx").is_err() && statuses("ok").is_err() && statuses("").is_err());
    }
}
