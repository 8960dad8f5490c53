//! An endpoint with a handler for every payload type, which remembers what it was given.

use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use aghanim_hooks::events::{
    Analytics, AnyOrder, BatchReady, CampaignCustom, CouponRedeemed, FoundPlayer, FoundPlayers, FraudReported,
    InGameMessage, ItemAdd, ItemRemove, MarketingConsentUpdated, Order, Payment, Player, PlayerAttributes,
    PlayerIsIdle, PlayerLookup, PlayerUpdate, PlayerVerify, StoreGet, StoreItem, StoreItems, Subscription,
};
use aghanim_hooks::signature::{SIGNATURE_HEADER, TIMESTAMP_HEADER};
use aghanim_hooks::{AnyReply, Event, Handlers, Rejection, Secret, WebhookEvent, Webhooks, webhook, webhooks};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::routing::post;
use serde::Serialize;
use serde_json::Value;
use tower::ServiceExt;

const SECRET: &str = "whsec_7e0c5a9d1f3b";

/// What a handler was given.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) event_type: String,
    /// The payload, written as JSON again.
    pub(crate) data: Value,
    /// The payload as `Debug` shows it.
    pub(crate) debug: String,
    /// `Event::data_raw`
    pub(crate) raw: Value,
    pub(crate) trigger: Option<String>,
}

#[derive(Clone, Default)]
pub(crate) struct Game {
    seen: Arc<Mutex<Vec<Seen>>>,
    refuse_with: Option<fn() -> Rejection>,
}

impl Game {
    pub(crate) fn refusing(refuse_with: fn() -> Rejection) -> Self {
        Self { refuse_with: Some(refuse_with), ..Self::default() }
    }

    /// What was given to handlers since the last time.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }

    pub(crate) fn see<T: WebhookEvent + Serialize + std::fmt::Debug>(&self, event: &Event<T>) -> Result<(), Rejection> {
        self.seen.lock().unwrap().push(Seen {
            event_type: event.event_type.clone(),
            data: serde_json::to_value(&event.data)?,
            debug: format!("{:?}", event.data),
            raw: serde_json::from_str(event.data_raw().expect("came over the wire").get())?,
            trigger: event.trigger.as_ref().map(ToString::to_string),
        });
        self.refuse_with.map_or(Ok(()), |rejection| Err(rejection()))
    }
}

macro_rules! acknowledge {
    ($($name:ident: $payload:ident = $($pattern:literal),+;)+) => {$(
        #[webhook($($pattern),+)]
        async fn $name(State(game): State<Game>, event: Event<$payload>) -> Result<(), Rejection> {
            game.see(&event)
        }
    )+};
}

acknowledge! {
    player_update: PlayerUpdate = "player.update";
    consent: MarketingConsentUpdated = "player.marketing_consent.updated";
    item_add: ItemAdd = "item.add";
    item_remove: ItemRemove = "item.remove";
    order: Order = "order.created", "order.paid", "order.canceled";
    any_order: AnyOrder = "order.*";
    payment: Payment = "payment.*";
    fraud: FraudReported = "fraud.reported";
    subscription: Subscription = "subscription.*";
    coupon: CouponRedeemed = "coupon.redeemed";
    ingame: InGameMessage = "ingame.push", "ingame.popup";
    campaign: CampaignCustom = "campaign.custom";
    batch: BatchReady = "batch.ready";
    analytics: Analytics = "analytics.*";
}

#[webhook("player.verify")]
async fn player_verify(State(game): State<Game>, event: Event<PlayerVerify>) -> Result<Player, Rejection> {
    game.see(&event)?;
    Ok(Player::new(event.data.player_id, "Ayla", PlayerAttributes::default().level(12)))
}

#[webhook("player.lookup")]
async fn player_lookup(State(game): State<Game>, event: Event<PlayerLookup>) -> Result<FoundPlayers, Rejection> {
    game.see(&event)?;
    Ok([FoundPlayer::new("Ayla").identity("account_id", "A-20871")].into())
}

#[webhook("player.is_idle")]
async fn player_is_idle(State(game): State<Game>, event: Event<PlayerIsIdle>) -> Result<AnyReply, Rejection> {
    game.see(&event)?;
    Ok(AnyReply::new(serde_json::json!({ "is_idle": true })))
}

#[webhook("store.get")]
async fn store_get(State(game): State<Game>, event: Event<StoreGet>) -> Result<StoreItems, Rejection> {
    game.see(&event)?;
    Ok([StoreItem::new("gems_100")].into())
}

pub(crate) fn handlers() -> Handlers<Game> {
    webhooks![
        player_verify,
        player_lookup,
        player_update,
        player_is_idle,
        consent,
        store_get,
        item_add,
        item_remove,
        order,
        any_order,
        payment,
        fraud,
        subscription,
        coupon,
        ingame,
        campaign,
        batch,
        analytics,
    ]
}

/// An endpoint, and the way to it.
pub(crate) struct Backend {
    app: Router,
    pub(crate) game: Game,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Backend {
    pub(crate) fn new(game: Game) -> Self {
        Self::with(game, handlers(), |hooks| hooks)
    }

    pub(crate) fn with(game: Game, handlers: Handlers<Game>, configure: fn(Webhooks<Game>) -> Webhooks<Game>) -> Self {
        let hooks = configure(Webhooks::new(Secret::new(SECRET).unwrap(), handlers));
        Self { app: Router::new().route("/webhook", post(hooks)).with_state(game.clone()), game }
    }

    /// Signs and sends a request.
    pub(crate) async fn send(&self, body: impl Into<String>) -> Answer {
        let body = body.into();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().to_string();
        let signature = Secret::new(SECRET).unwrap().sign(now.as_bytes(), body.as_bytes());
        let request = Request::post("/webhook")
            .header("content-type", "application/json")
            .header(SIGNATURE_HEADER, signature.to_string())
            .header(TIMESTAMP_HEADER, now)
            .body(Body::from(body))
            .unwrap();
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body: serde_json::from_slice(&body).unwrap() }
    }
}
