//! An endpoint with a handler for every payload type, which remembers what it was given.

use std::sync::{Arc, Mutex};

use aghanim_hooks::events::{
    Analytics, AnyOrder, BatchReady, CampaignCustom, CouponRedeemed, FoundPlayer, FoundPlayers, FraudReported,
    InGameMessage, ItemAdd, ItemRemove, MarketingConsentUpdated, Order, Payment, Player, PlayerAttributes,
    PlayerIsIdle, PlayerLookup, PlayerUpdate, PlayerVerify, StoreGet, StoreItem, StoreItems, Subscription,
};
use aghanim_hooks::{AnyReply, Event, Handlers, Rejection, Secret, WebhookEvent, Webhooks, webhook, webhooks};
use aghanim_hooks_tests::{Response, Server, signed};
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use serde::Serialize;
use serde_json::Value;

/// The event that a handler got.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) event_type: String,
    /// The name of the payload's type.
    pub(crate) payload: &'static str,
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

    /// The events that handlers got since the last call.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }

    pub(crate) fn see<T: WebhookEvent + Serialize + std::fmt::Debug>(&self, event: &Event<T>) -> Result<(), Rejection> {
        self.seen.lock().unwrap().push(Seen {
            event_type: event.event_type.clone(),
            payload: std::any::type_name::<T>().rsplit("::").next().unwrap(),
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
    Ok(Player::builder()
        .player_id(event.data.player_id)
        .name("Ayla")
        .build()
        .attributes(PlayerAttributes::default().level(12)))
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

/// An endpoint on a socket of its own.
pub(crate) struct Backend {
    server: Server,
    secret: Secret,
    pub(crate) game: Game,
}

impl Backend {
    pub(crate) async fn new(game: Game) -> Self {
        Self::with(game, handlers(), |hooks| hooks).await
    }

    pub(crate) async fn with(
        game: Game,
        handlers: Handlers<Game>,
        configure: fn(Webhooks<Game>) -> Webhooks<Game>,
    ) -> Self {
        let secret = Secret::new("whsec_7e0c5a9d1f3b").unwrap();
        let hooks = configure(Webhooks::new(secret.clone(), handlers));
        let app = Router::new().route("/webhook", post(hooks)).with_state(game.clone());
        Self { server: Server::start(app).await.unwrap(), secret, game }
    }

    /// Signs and sends a request.
    pub(crate) async fn send(&self, body: impl AsRef<[u8]>) -> Response {
        signed(&self.secret, body).send(self.server.address()).await.unwrap()
    }
}
