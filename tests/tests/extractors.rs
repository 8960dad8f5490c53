//! The parameters of a handler before the event: every axum extractor that leaves the body alone.

use aghanim_hooks::events::PlayerVerify;
use aghanim_hooks::{AnyReply, Event, RawEvent, Secret, Webhooks, webhook, webhooks};
use aghanim_hooks_tests::{Server, signed};
use axum::extract::{ConnectInfo, Extension, FromRef, FromRequestParts, OriginalUri, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::{Router, routing::post};
use serde::Deserialize;
use serde_json::json;
use std::convert::Infallible;
use std::net::SocketAddr;

const BODY: &str = r#"{"event_type":"all.of.them","event_data":{}}"#;

#[derive(Clone)]
struct App {
    shard: Shard,
    name: &'static str,
}

#[derive(Clone)]
struct Shard(u32);

impl FromRef<App> for Shard {
    fn from_ref(app: &App) -> Self {
        app.shard.clone()
    }
}

#[derive(Deserialize)]
struct Filter {
    region: String,
}

/// An extractor of a game's own, for whatever state has a shard.
struct Caller(String, u32);

impl<S: Send + Sync> FromRequestParts<S> for Caller
where
    Shard: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let agent = parts.headers.get("user-agent").and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        Ok(Self(agent.to_owned(), Shard::from_ref(state).0))
    }
}

/// An extractor of a game's own, for one state alone, that refuses.
struct Closed;

impl FromRequestParts<App> for Closed {
    type Rejection = (StatusCode, &'static str);

    async fn from_request_parts(_: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        match app.name {
            "open" => Ok(Self),
            "broken" => Err((StatusCode::BAD_GATEWAY, "db.internal:5432 is down")),
            _ => Err((StatusCode::CONFLICT, "closed by db.internal")),
        }
    }
}

type Renamed = State<App>;

#[webhook("all.of.them")]
#[allow(clippy::too_many_arguments)]
async fn all(
    State(app): State<App>,
    State(Shard(shard)): State<Shard>,
    State(renamed): Renamed,
    headers: HeaderMap,
    method: Method,
    OriginalUri(uri): OriginalUri,
    Path(game): Path<String>,
    Query(filter): Query<Filter>,
    Extension(build): Extension<u8>,
    missing: Option<Extension<String>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Caller(agent, caller_shard): Caller,
    event: Event<RawEvent>,
) -> AnyReply {
    AnyReply::new(json!([
        app.name,
        shard,
        renamed.name,
        headers["content-type"].to_str().unwrap(),
        method.as_str(),
        uri.path(),
        game,
        filter.region,
        build,
        missing.is_none(),
        peer.ip().is_loopback(),
        agent,
        caller_shard,
        event.event_type,
    ]))
}

#[webhook("player.verify")]
async fn closed(_: Closed, _event: Event<RawEvent>) {}

mod nested {
    pub(crate) mod deeper {
        use aghanim_hooks::RawEvent;

        #[aghanim_hooks::webhook("order.*")]
        pub(crate) async fn r#type(_event: RawEvent) {}
    }
}

async fn send(app: App, body: &str) -> aghanim_hooks_tests::Response {
    let secret = Secret::new("whsec_4f1c9d0a77b2e8d6").unwrap();
    let hooks = Webhooks::new(secret.clone(), webhooks![all, closed, nested::deeper::r#type]);
    let router = Router::new().route("/{game}/hook", post(hooks)).with_state(app).layer(Extension(7_u8)).layer(
        axum::middleware::from_fn(|mut request: axum::extract::Request, next: axum::middleware::Next| {
            // The test server knows nothing of its peers.
            request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 9))));
            next.run(request)
        }),
    );
    let server = Server::start(router).await.unwrap();
    signed(&secret, body).path("/gm_1/hook?region=eu").send(server.address()).await.unwrap()
}

#[tokio::test]
async fn all_of_them_work_together() {
    let response = send(App { shard: Shard(3), name: "open" }, BODY).await;
    assert_eq!(
        response.json(),
        json!([
            "open",
            3,
            "open",
            "application/json",
            "POST",
            "/gm_1/hook",
            "gm_1",
            "eu",
            7,
            true,
            true,
            "Aghanim/0.1.0",
            3,
            "all.of.them"
        ])
    );
}

#[tokio::test]
async fn an_extractor_that_refuses_keeps_its_status_and_its_secrets() {
    let body = BODY.replace("all.of.them", "player.verify");
    for (name, status) in [("open", 200), ("closed", 409), ("broken", 500)] {
        let response = send(App { shard: Shard(1), name }, &body).await;
        assert_eq!(response.status, status, "{name}");
        assert!(!String::from_utf8_lossy(&response.body).contains("internal:"), "{name}: {response:?}");
        assert!(!String::from_utf8_lossy(&response.body).contains("closed by"), "{name}: {response:?}");
    }
}

#[tokio::test]
async fn a_raw_identifier_in_a_nested_module_is_reached() {
    let body = BODY.replace("all.of.them", "order.whatever");
    let response = send(App { shard: Shard(1), name: "open" }, &body).await;
    assert_eq!(response.json(), json!({ "status": "ok" }));
}

#[tokio::test]
async fn a_handler_is_still_a_function() {
    #[webhook("player.verify")]
    async fn length(event: Event<PlayerVerify>) -> Result<aghanim_hooks::events::Player, aghanim_hooks::Rejection> {
        Err(aghanim_hooks::Rejection::deny("validation_error", event.data.player_id))
    }
    let rejection = length(Event::new("player.verify", PlayerVerify::new("p1"))).await.unwrap_err();
    assert_eq!((rejection.status(), rejection.code(), rejection.message()), (400, "validation_error", "p1"));
}
