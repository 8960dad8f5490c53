//! The endpoint as a `tower::Service`: over hyper, without a router.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use aghanim_hooks::events::{ItemAdd, Player, PlayerVerify};
use aghanim_hooks::{Environment, Otherwise, Rejection, Secret, WebhookService, Webhooks, webhook, webhooks};
use aghanim_hooks_tests::{Request, signed};
use axum::extract::State;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::json;
use tokio::net::TcpListener;

const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";

/// The items that were granted, with their player.
type Granted = Arc<Mutex<Vec<(String, String)>>>;

#[webhook("item.add")]
async fn grant(State(granted): State<Granted>, event: ItemAdd) {
    let granted_now = event.items.iter().map(|item| (event.player_id.clone(), item.sku.clone()));
    granted.lock().unwrap().extend(granted_now);
}

#[webhook("player.verify")]
async fn verify(event: PlayerVerify) -> Result<Player, Rejection> {
    Err(Rejection::deny("not_found", format!("no player {}", event.player_id)))
}

/// Serves connections with hyper until the test ends.
async fn serve(service: WebhookService<Granted>) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    Ok(address)
}

#[tokio::test]
async fn hyper_serves_an_endpoint_without_a_router() {
    let granted = Granted::default();
    let secret = Secret::new(SECRET).unwrap();
    let service = Webhooks::new(secret.clone(), webhooks![grant, verify]).into_service(Arc::clone(&granted)).unwrap();
    let address = serve(service).await.unwrap();

    let item = json!({ "id": "itm_1", "sku": "gems_100", "name": "100 gems", "quantity": 1 });
    let body =
        json!({ "event_type": "item.add", "event_data": { "player_id": "2D2R-OP3C", "items": [item] } }).to_string();
    let request = signed(&secret, &body);
    let answer = request.clone().path("/any/path").send(address).await.unwrap();
    assert_eq!((answer.status, &*answer.body), (200, br#"{"status":"ok"}"#.as_slice()));
    let answer = request.chunked(7).send(address).await.unwrap();
    assert_eq!(answer.status, 200, "a body that comes in pieces");
    let gems = ("2D2R-OP3C".to_owned(), "gems_100".to_owned());
    assert_eq!(*granted.lock().unwrap(), [gems.clone(), gems]);

    let body = json!({ "event_type": "player.verify", "event_data": { "player_id": "nobody" } }).to_string();
    let answer = signed(&secret, body).send(address).await.unwrap();
    assert_eq!(answer.status, 404);

    let answer = Request::post("{}").send(address).await.unwrap();
    assert_eq!(answer.status, 403, "a request that nobody signed");
}

#[test]
fn settings_that_do_not_fit_are_an_error_and_not_a_panic() {
    #[webhook("item.add", only = "live", otherwise = "refuse")]
    async fn live(_event: ItemAdd) {}

    let secret = Secret::new(SECRET).unwrap();
    let hooks = Webhooks::new(secret, webhooks![live]).only(Environment::Live, Otherwise::Refuse);
    let error = hooks.require_both_environments().into_service(()).unwrap_err();
    assert!(error.to_string().contains("item.add"), "{error}");
}
