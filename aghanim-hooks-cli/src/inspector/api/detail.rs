//! One delivery with everything that the catalogue and the history say about it.

use std::sync::Arc;

use aghanim_hooks::events::AnyEvent;
use aghanim_hooks::testing::RawAnswer;
use axum::Json;
use axum::extract::{Path, State};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Answer, Api, ApiError};
use crate::inspector::delivery::{Delivery, Summary};
use crate::inspector::difference::{self, Change};
use crate::inspector::fields::{self, Field};
use crate::inspector::store::Earlier;
use crate::recording::pairs;

#[derive(Serialize)]
pub(super) struct Detail {
    #[serde(flatten)]
    summary: Summary,
    headers: Vec<(String, String)>,
    body: Option<String>,
    body_base64: Option<String>,
    fields: Vec<Field>,
    /// The number of fields beyond those that are listed.
    fields_omitted: usize,
    problem: Option<String>,
    answer: Value,
    difference: Differences,
}

#[derive(Serialize)]
struct Differences {
    event: Option<Difference>,
    key: Option<Difference>,
    answer: Option<Difference>,
}

/// The changes since an earlier delivery.
#[derive(Serialize)]
struct Difference {
    id: i64,
    changes: Vec<Change>,
}

pub(super) async fn detail(State(api): State<Arc<Api>>, Path(id): Path<i64>) -> Answer<Detail> {
    let store = &api.hub.store;
    let delivery = store.get(id).await?.ok_or_else(|| ApiError::not_found(id))?;
    let event = store.before(id, Earlier::OfEvent).await?;
    let key = store.before(id, Earlier::OfKey).await?;
    let answered = store.before(id, Earlier::Answered).await?;
    // Reading and comparing a mebibyte of JSON takes a while.
    let made = tokio::task::spawn_blocking(move || make(delivery, event, key, answered)).await;
    made.map(Json).map_err(|error| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

fn make(delivery: Delivery, event: Option<Delivery>, key: Option<Delivery>, answered: Option<Delivery>) -> Detail {
    let body = &delivery.body;
    let since = |earlier: Option<Delivery>| {
        let earlier = earlier?;
        Some(Difference { id: earlier.summary.id, changes: difference::of_bodies(&earlier.body, body) })
    };
    let answer = answered.and_then(|earlier| {
        let changes = difference::of_answers(earlier.answer.as_ref()?, delivery.answer.as_ref()?);
        Some(Difference { id: earlier.summary.id, changes })
    });
    let (event, key) = (since(event), since(key));
    let (fields, fields_omitted) = fields::of(body);
    let problem = AnyEvent::from_slice(body).err().map(|error| error.to_string());
    let (text, base64) = text(body);
    Detail {
        headers: pairs(&delivery.headers),
        body: text,
        body_base64: base64,
        fields,
        fields_omitted,
        problem,
        answer: delivery.answer.as_ref().map_or(Value::Null, |answer| answer_of(&delivery, answer)),
        difference: Differences { event, key, answer },
        summary: delivery.summary,
    }
}

fn answer_of(delivery: &Delivery, answer: &RawAnswer) -> Value {
    let (body, body_base64) = text(&answer.body);
    json!({
        "status": answer.status.as_u16(),
        "headers": pairs(&answer.headers),
        "body": body,
        "body_base64": body_base64,
        "fits": delivery.summary.fits,
        "why": delivery.why,
    })
}

/// Bytes as text, or in base64 if they are not UTF-8.
fn text(bytes: &[u8]) -> (Option<String>, Option<String>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Some(text.to_owned()), None),
        Err(_) => (None, Some(STANDARD.encode(bytes))),
    }
}
