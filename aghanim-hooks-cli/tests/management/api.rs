//! A server with the calls of Aghanim's `OpenAPI` document, as far as they are about webhooks, and with faults.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use aghanim_hooks::events::catalogue::CATALOGUE;
use aghanim_hooks_tests::Server;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

pub(super) const KEY: &str = "sk_live_51H8x";

/// The fields that the document names.
const FIELDS: [&str; 8] =
    ["events", "url", "description", "method", "enabled", "enabled_logs", "player_context_enabled", "batch_mode"];

/// Something that goes wrong once.
pub(super) enum Fault {
    /// It answers this, and does nothing.
    Instead(StatusCode, &'static [(&'static str, &'static str)], &'static str),
    /// It does nothing, and the answer is cut off.
    CutOff,
    /// It does what was asked, and the answer is cut off.
    DoneAndCutOff,
    /// It does what was asked, and answers this.
    DoneAndInstead(StatusCode, &'static str),
}

#[derive(Default)]
pub(super) struct Registry {
    webhooks: Vec<Map<String, Value>>,
    made: usize,
    faults: VecDeque<(&'static str, Fault)>,
    /// Each call: its method, and its path below `/v1/webhooks`.
    pub(super) calls: Vec<String>,
    /// The bodies of the calls that had one.
    pub(super) bodies: Vec<Value>,
    /// The most webhooks in one answer, whatever was asked for.
    pub(super) page: Option<usize>,
    /// Values that are never changed.
    pub(super) stubborn: bool,
}

/// The server, until it is dropped.
pub(super) struct Api {
    server: Server,
    registry: Arc<Mutex<Registry>>,
}

impl Api {
    pub(super) async fn start() -> Self {
        let registry = Arc::new(Mutex::new(Registry::default()));
        let server = Server::start(router(registry.clone())).await.unwrap();
        Self { server, registry }
    }

    /// With two webhooks, which have fields that are not documented.
    pub(super) async fn with_two() -> Self {
        let api = Self::start().await;
        api.add("https://game.example/webhook", &["player.verify", "item.remove", "item.add", "order.*"]);
        api.add("https://stats.example/hooks", &["coupon.redeemed"]);
        for webhook in &mut api.registry().webhooks {
            webhook.insert("region".to_owned(), json!({"name": "eu", "zones": [1, 2]}));
            webhook.insert("api_token".to_owned(), json!("tok_of_a_later_version"));
        }
        api
    }

    /// The same API, to be served in another way.
    pub(super) fn router(&self) -> Router {
        router(self.registry.clone())
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/s2s", self.server.address())
    }

    pub(super) fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap()
    }

    /// Registers a webhook, and returns its id.
    pub(super) fn add(&self, url: &str, events: &[&str]) -> String {
        let body = json!({"url": url, "events": events, "method": "POST"});
        self.registry().create(body.as_object().unwrap())["id"].as_str().unwrap().to_owned()
    }

    /// Changes a field behind the command's back.
    pub(super) fn set(&self, id: &str, field: &str, value: Value) {
        self.registry().find(id).unwrap().insert(field.to_owned(), value);
    }

    pub(super) fn get(&self, id: &str, field: &str) -> Value {
        self.registry().find(id).map_or(Value::Null, |webhook| webhook.get(field).cloned().unwrap_or_default())
    }

    pub(super) fn secret(&self, id: &str) -> String {
        self.get(id, "secret").as_str().unwrap().to_owned()
    }

    /// The next call that begins like this goes wrong, such as `POST /wh_1/reveal`.
    pub(super) fn fails(&self, call: &'static str, fault: Fault) {
        self.registry().faults.push_back((call, fault));
    }

    /// The number of calls that began like this.
    pub(super) fn count(&self, call: &str) -> usize {
        self.registry().calls.iter().filter(|made| made.starts_with(call)).count()
    }
}

impl Registry {
    fn find(&mut self, id: &str) -> Option<&mut Map<String, Value>> {
        self.webhooks.iter_mut().find(|webhook| webhook["id"] == id)
    }

    fn new_secret(&mut self) -> Value {
        self.made += 1;
        json!(format!("whsec_4f1c9d0a77b2e8d6_{}", self.made))
    }

    fn create(&mut self, body: &Map<String, Value>) -> Map<String, Value> {
        let mut webhook =
            Map::from_iter([("enabled".to_owned(), json!(true)), ("enabled_logs".to_owned(), json!(true))]);
        for field in FIELDS {
            webhook.extend(body.get(field).map(|value| (field.to_owned(), value.clone())));
        }
        webhook.insert("secret".to_owned(), self.new_secret());
        webhook.insert("id".to_owned(), json!(format!("wh_{}", self.webhooks.len() + 1)));
        webhook.insert("game_id".to_owned(), json!("gm_exTAyxPsVwz"));
        self.webhooks.push(webhook.clone());
        webhook
    }

    fn answer(&mut self, method: &Method, path: &str, query: &str, body: &[u8]) -> Response {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let body = body.as_object().cloned().unwrap_or_default();
        let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
        match (method.as_str(), &parts[..]) {
            ("GET", []) => {
                let of = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
                let number = |name, default| of(name).map_or(default, |text| text.parse::<usize>().unwrap());
                let limit = number("limit", 300).min(self.page.unwrap_or(usize::MAX));
                let page = self.webhooks.iter().skip(number("offset", 0)).take(limit).map(redacted);
                json_of(StatusCode::OK, &json!(page.collect::<Vec<_>>()))
            }
            ("POST", []) => match invalid(&body, true) {
                Some(refusal) => refusal,
                None => json_of(StatusCode::CREATED, &json!(self.create(&body))),
            },
            (method, [id, rest @ ..]) => {
                let secret = self.new_secret();
                let stubborn = self.stubborn;
                let Some(webhook) = self.find(id) else {
                    return json_of(StatusCode::NOT_FOUND, &json!({"detail": "Not Found"}));
                };
                match (method, rest) {
                    ("GET", []) => json_of(StatusCode::OK, &redacted(webhook)),
                    ("PUT", []) => {
                        if let Some(refusal) = invalid(&body, false) {
                            return refusal;
                        }
                        if !stubborn {
                            let known = body.into_iter().filter(|(field, _)| FIELDS.contains(&field.as_str()));
                            webhook.extend(known);
                        }
                        json_of(StatusCode::OK, &redacted(webhook))
                    }
                    ("DELETE", []) => {
                        self.webhooks.retain(|webhook| webhook["id"] != *id);
                        StatusCode::NO_CONTENT.into_response()
                    }
                    ("POST", ["expire_secret"]) => {
                        if !stubborn {
                            webhook.insert("secret".to_owned(), secret);
                        }
                        json_of(StatusCode::OK, &json!(webhook))
                    }
                    ("POST", ["reveal"]) => json_of(StatusCode::OK, &json!(webhook)),
                    _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
                }
            }
            _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        }
    }
}

fn router(registry: Arc<Mutex<Registry>>) -> Router {
    Router::new().fallback(serve).with_state(registry)
}

async fn serve(State(registry): State<Arc<Mutex<Registry>>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let Some(path) = head.uri.path().strip_prefix("/s2s/v1/webhooks") else {
        return json_of(StatusCode::NOT_FOUND, &json!({"detail": "Not Found"}));
    };
    if head.headers.get(AUTHORIZATION).is_none_or(|key| key != &format!("Bearer {KEY}")) {
        return json_of(StatusCode::UNAUTHORIZED, &json!({"detail": "Not authenticated"}));
    }
    let mut registry = registry.lock().unwrap();
    let call = format!("{} {path}", head.method);
    registry.calls.push(call.clone());
    registry.bodies.extend(serde_json::from_slice::<Value>(&body));
    let query = head.uri.query().unwrap_or_default();
    let at = registry.faults.iter().position(|(begins, _)| call.starts_with(begins));
    match at.and_then(|at| registry.faults.remove(at)) {
        None => registry.answer(&head.method, path, query, &body),
        Some((_, Fault::Instead(status, headers, text))) => (status, headers_of(headers), text).into_response(),
        Some((_, Fault::CutOff)) => cut_off(),
        Some((_, Fault::DoneAndCutOff)) => {
            registry.answer(&head.method, path, query, &body);
            cut_off()
        }
        Some((_, Fault::DoneAndInstead(status, text))) => {
            registry.answer(&head.method, path, query, &body);
            (status, text).into_response()
        }
    }
}

fn headers_of(headers: &[(&'static str, &'static str)]) -> HeaderMap {
    headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
}

/// As `WebhookRedacted`.
fn redacted(webhook: &Map<String, Value>) -> Value {
    let mut webhook = webhook.clone();
    let secret = webhook.remove("secret").unwrap();
    webhook.insert("secret_redacted".to_owned(), json!(format!("whsec_…{}", secret.as_str().unwrap().len())));
    json!(webhook)
}

/// As `HTTPValidationError`.
fn invalid(body: &Map<String, Value>, whole: bool) -> Option<Response> {
    let refuse = |field: &str, text: &str| {
        let detail = json!({"detail": [{"loc": ["body", field], "msg": text, "type": "value_error"}]});
        Some(json_of(StatusCode::UNPROCESSABLE_ENTITY, &detail))
    };
    for field in ["events", "url", "method"] {
        if whole && !body.contains_key(field) {
            return refuse(field, "field required");
        }
    }
    let names = body.get("events").and_then(Value::as_array).into_iter().flatten();
    for name in names.filter_map(Value::as_str) {
        if name != "order.*"
            && name != "payment.*"
            && !CATALOGUE.iter().any(|event| event.subscribable && event.name == name)
        {
            return refuse("events", "value is not a valid enumeration member");
        }
    }
    None
}

fn json_of(status: StatusCode, body: &Value) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// The half of an answer.
fn cut_off() -> Response {
    let pieces = [Ok(Bytes::from_static(b"[{\"id\": \"wh_")), Err(std::io::Error::other("cut off"))];
    let body = Body::from_stream(futures_util::stream::iter(pieces));
    (StatusCode::OK, [(CONTENT_TYPE, "application/json"), (CONTENT_LENGTH, "4096")], body).into_response()
}
