//! The actions on a delivery, and on the inspector.

use std::sync::Arc;
use std::time::SystemTime;

use aghanim_hooks::Secret;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use bytes::Bytes;
use clap::ValueEnum as _;
use http::{Extensions, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Api, ApiError, read};
use crate::envelope::fresh;
use crate::export::{Export, Form};
use crate::inspector::chaos::Chaos;
use crate::inspector::delivery::{Origin, Request};
use crate::inspector::flow;
use crate::inspector::headers::without_hidden;
use crate::inspector::record::{file_name, recording};
use crate::inspector::signing::Signing;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resend {
    sign: Sign,
    /// Another body.
    body: Option<String>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Sign {
    /// The signature as it was.
    Exact,
    /// A signature of now.
    Fresh,
}

fn signing(api: &Api) -> Result<&Signing, ApiError> {
    api.hub.signing.as_ref().ok_or_else(|| {
        let sentence = "there is no secret to sign with: start `listen` with AGHANIM_WEBHOOK_SECRET or --secret-file";
        ApiError::new(StatusCode::CONFLICT, sentence)
    })
}

pub(super) async fn resend(State(api): State<Arc<Api>>, Path(id): Path<i64>, body: Bytes) -> Answer {
    let asked: Resend = read(&body)?;
    let original = api.hub.store.get(id).await?.ok_or_else(|| ApiError::not_found(id))?;
    let mut headers = without_hidden(&original.headers);
    let body = asked.body.map_or(original.body, Bytes::from);
    if asked.sign == Sign::Fresh {
        signing(&api)?.sign(&mut headers, &body);
    }
    let method = original.summary.method.parse().unwrap_or(Method::POST);
    let request = Request { method, path: original.summary.path, headers, extensions: Extensions::new(), body };
    send(&api, request, Origin::Resent, Some(id)).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Trigger {
    event: String,
    data: Option<Value>,
    sandbox: Option<bool>,
    #[serde(default)]
    key: Key,
}

/// The idempotency key of a triggered event.
#[derive(Deserialize, Default)]
#[serde(from = "Option<String>")]
enum Key {
    /// A new one, where the event has one.
    #[default]
    Fresh,
    Given(String),
    /// Null.
    None,
}

impl From<Option<String>> for Key {
    fn from(key: Option<String>) -> Self {
        key.filter(|key| !key.is_empty()).map_or(Self::None, Self::Given)
    }
}

pub(super) async fn trigger(State(api): State<Arc<Api>>, body: Bytes) -> Answer {
    let asked: Trigger = read(&body)?;
    let signing = signing(&api)?;
    let unknown = || {
        let sentence = format!("the catalogue has no event `{}`: give it data", asked.event);
        ApiError::new(StatusCode::BAD_REQUEST, sentence)
    };
    let mut envelope = fresh(&asked.event, asked.data.clone(), SystemTime::now()).ok_or_else(unknown)?;
    if let Some(sandbox) = asked.sandbox {
        envelope["sandbox"] = json!(sandbox);
    }
    match asked.key {
        Key::Fresh => {}
        Key::Given(key) => envelope["idempotency_key"] = json!(key),
        Key::None => envelope["idempotency_key"] = Value::Null,
    }
    send(&api, signing.post("/".to_owned(), &envelope), Origin::Triggered, None).await
}

async fn send(api: &Api, request: Request, origin: Origin, of: Option<i64>) -> Answer {
    let id = flow::send(&api.hub, request, origin, of).await.ok_or_else(|| {
        let sentence = "it is not sent: its event is not among --events, or the history can't be written";
        ApiError::new(StatusCode::CONFLICT, sentence)
    })?;
    Ok(Json(json!({"id": id})))
}

pub(super) async fn fixture(State(api): State<Arc<Api>>, Path(id): Path<i64>) -> Answer {
    let delivery = api.hub.store.get(id).await?.ok_or_else(|| ApiError::not_found(id))?;
    let conflict = |sentence: String| ApiError::new(StatusCode::CONFLICT, sentence);
    let record = api.record.as_ref();
    let record =
        record.ok_or_else(|| conflict("there is no directory: start `listen` with --record DIR".to_owned()))?;
    let path = record.write(&delivery, &api.receiver_url()).map_err(|error| conflict(format!("{error:#}")))?;
    Ok(Json(json!({"path": path.display().to_string()})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    r#as: String,
    /// `true` keeps personal data and the signature.
    #[serde(default)]
    exact: bool,
}

pub(super) async fn export(
    State(api): State<Arc<Api>>,
    Path(id): Path<i64>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer {
    let bad = |sentence| ApiError::new(StatusCode::BAD_REQUEST, sentence);
    let Query(asked) = asked.map_err(|rejection| bad(rejection.body_text()))?;
    let form = Form::from_str(&asked.r#as, false).map_err(|_| bad("`as` is curl, har or rust-test".to_owned()))?;
    let delivery = api.hub.store.get(id).await?.ok_or_else(|| ApiError::not_found(id))?;
    let url = api.receiver_url();
    let secret: Option<&Secret> = api.hub.signing.as_ref().map(Signing::secret);
    let export = Export { form, url: Some(&url), app: "crate::app", exact: asked.exact, secret };
    let text = export.write(recording(&delivery, &url));
    let text = text.map_err(|error| ApiError::new(StatusCode::CONFLICT, format!("{error:#}")))?;
    let event = file_name(delivery.summary.event.as_deref().unwrap_or("unknown"));
    let ending = match form {
        Form::Curl => "sh",
        Form::Har => "har",
        Form::RustTest => "rs",
    };
    Ok(Json(json!({"text": text, "filename": format!("{event}-{id}.{ending}")})))
}

pub(super) async fn chaos(State(api): State<Arc<Api>>, body: Bytes) -> Answer<Chaos> {
    let chaos: Chaos = read(&body)?;
    chaos.check().map_err(|sentence| ApiError::new(StatusCode::BAD_REQUEST, sentence))?;
    api.hub.set_chaos(chaos.clone());
    Ok(Json(chaos))
}

pub(super) async fn clear(State(api): State<Arc<Api>>) -> Answer {
    api.hub.store.clear().await?;
    Ok(Json(json!({})))
}
