//! The backend of a game with a web shop: every event that Aghanim sends, on one endpoint, with one shared state.
//!
//! Run `cargo run --bin shop_backend`, then paste the commands that it prints.
//! `AGHANIM_WEBHOOK_SECRET` is the webhook's secret, `PORT` the port (8000).
//!
//! The players `testplayer` and `2D2R-OP3C` exist. They and everything they own are gone when the process ends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use aghanim_hooks::events::{
    Analytics, AnyOrder, Balance, FoundPlayer, FoundPlayers, FraudReported, Item, ItemAdd, ItemRemove, Payment, Player,
    PlayerAttributes, PlayerLookup, PlayerUpdate, PlayerVerify, StoreGet, StoreItem, StoreItems, Subscription,
};
use aghanim_hooks::idempotency::MemoryStore;
use aghanim_hooks::{Event, RawEvent, Rejection, Secret, UnixTime, Webhooks, webhook, webhooks};
use aghanim_hooks_examples::{curl, listen, secret, serve, shown};
use axum::extract::State;
use axum::{Router, routing::post};

/// Shared by all handlers. A real game has a database here.
#[derive(Clone)]
struct Game(Arc<Mutex<World>>);

struct World {
    /// The players, by the id that they enter in the shop.
    players: HashMap<String, Profile>,
    /// The last event of each order, by the order's id.
    orders: HashMap<String, String>,
    /// How often each analytics event came.
    analytics: HashMap<String, u64>,
}

struct Profile {
    name: String,
    account_id: &'static str,
    level: i64,
    banned: bool,
    season_pass_until: Option<UnixTime>,
    inventory: HashMap<String, i64>,
}

impl Game {
    fn new() -> Self {
        let profile = |name: &str, account_id, level| Profile {
            name: name.to_owned(),
            account_id,
            level,
            banned: false,
            season_pass_until: None,
            inventory: HashMap::from([("gems".to_owned(), 40)]),
        };
        let players = HashMap::from([
            ("testplayer".to_owned(), profile("Test Player", "A-20870", 1)),
            ("2D2R-OP3C".to_owned(), profile("Ayla", "A-20871", 12)),
        ]);
        Self(Arc::new(Mutex::new(World { players, orders: HashMap::new(), analytics: HashMap::new() })))
    }

    /// Never held across an `.await`.
    fn world(&self) -> MutexGuard<'_, World> {
        // A panic of one handler must not stop the others. Each changes the world in one step, after its checks.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Profile {
    fn owned(&self, sku: &str) -> i64 {
        self.inventory.get(sku).copied().unwrap_or_default()
    }
}

impl World {
    fn player(&mut self, id: &str) -> Result<&mut Profile, Rejection> {
        self.players.get_mut(id).ok_or_else(|| Rejection::deny("not_found", "no such player"))
    }

    /// Prints a change. The same event may arrive again.
    fn note_order(&mut self, order: String, event_type: String) {
        if self.orders.get(&order) != Some(&event_type) {
            println!("{}: {}", shown(&event_type), shown(&order));
            self.orders.insert(order, event_type);
        }
    }
}

#[webhook("player.verify")]
async fn verify_player(State(game): State<Game>, event: PlayerVerify) -> Result<Player, Rejection> {
    let mut world = game.world();
    let profile = world.player(&event.player_id)?;
    let attributes = PlayerAttributes::default().level(profile.level);
    let gems = profile.owned("gems");
    let has_pass = profile.season_pass_until.and_then(UnixTime::to_system_time) > Some(SystemTime::now());
    Ok(Player::builder()
        .player_id(event.player_id)
        .name(profile.name.clone())
        .build()
        .attributes(attributes)
        .banned(profile.banned)
        .segments(has_pass.then_some("season_pass"))
        .balance(Balance::new("gems").with("amount", gems)))
}

/// This event is refused with HTTP 200 and a status in the body. `Rejection` does that.
#[webhook("player.lookup")]
async fn look_up_player(State(game): State<Game>, event: PlayerLookup) -> Result<FoundPlayers, Rejection> {
    let world = game.world();
    let found: FoundPlayers = event
        .fields
        .values()
        .filter_map(|identity| identity.as_str())
        .filter_map(|identity| world.players.iter().find(|(id, p)| *id == identity || p.account_id == identity))
        .map(|(id, profile)| {
            FoundPlayer::new(&profile.name)
                .identity("player_id", id.as_str())
                .identity("account_id", profile.account_id)
        })
        .collect();
    if found.players.is_empty() { Err(Rejection::deny("not_found", "no such player")) } else { Ok(found) }
}

#[webhook("player.update")]
async fn update_player(State(game): State<Game>, event: PlayerUpdate) -> Result<(), Rejection> {
    let mut world = game.world();
    let profile = world.player(&event.player_id)?;
    if let Some(name) = event.name {
        profile.name = name;
    }
    Ok(())
}

/// Beginners see a starter pack first. A visitor who is not logged in sees what everybody can buy.
#[webhook("store.get")]
async fn show_store(State(game): State<Game>, event: StoreGet) -> Result<StoreItems, Rejection> {
    let mut items = vec![StoreItem::new("gems_100"), StoreItem::new("season_pass")];
    if let Some(player_id) = event.player_id
        && game.world().player(&player_id)?.level < 10
    {
        items.insert(0, StoreItem::new("starter_pack"));
    }
    Ok(items.into())
}

/// Paid items, so never for a purchase in the sandbox. Declining makes Aghanim refund the payment.
#[webhook("item.add", only = "live")]
async fn add_items(State(game): State<Game>, event: ItemAdd) -> Result<(), Rejection> {
    let mut world = game.world();
    let Ok(profile) = world.player(&event.player_id) else {
        return Err(Rejection::declined("no such player"));
    };
    // All new balances are computed before the first is written: all items are granted, or none.
    let mut granted = HashMap::new();
    for item in contents(&event.items) {
        let owned = granted.entry(&item.sku).or_insert_with(|| profile.owned(&item.sku));
        *owned = owned
            .checked_add(item.checked_quantity()?.into())
            .ok_or_else(|| Rejection::declined("the player's bag is full"))?;
    }
    for (sku, owned) in granted {
        println!("{} now has {owned} {}", shown(&event.player_id), shown(sku));
        profile.inventory.insert(sku.clone(), owned);
    }
    Ok(())
}

#[webhook("item.remove", only = "live")]
async fn remove_items(State(game): State<Game>, event: ItemRemove) -> Result<(), Rejection> {
    let mut world = game.world();
    let profile = world.player(&event.player_id)?;
    let mut left = HashMap::new();
    for item in contents(&event.items) {
        let owned = left.entry(&item.sku).or_insert_with(|| profile.owned(&item.sku));
        // Items that have been spent cannot be taken back.
        *owned = owned.saturating_sub(item.checked_quantity()?.into()).max(0);
    }
    for (sku, owned) in left {
        println!("{} now has {owned} {}", shown(&event.player_id), shown(sku));
        profile.inventory.insert(sku.clone(), owned);
    }
    Ok(())
}

/// The items that a player gets: the contents of a bundle, not the bundle.
fn contents(items: &[Item]) -> Vec<&Item> {
    items
        .iter()
        .flat_map(|item| match &item.nested_items {
            Some(nested) if !nested.is_empty() => contents(nested),
            _ => vec![item],
        })
        .collect()
}

#[webhook("order.*")]
async fn order_changed(State(game): State<Game>, event: Event<AnyOrder>) {
    game.world().note_order(event.data.id, event.event_type);
}

/// The events of one attempt to pay repeat when amounts change later. The last one counts.
#[webhook("payment.*")]
async fn payment_changed(State(game): State<Game>, event: Event<Payment>) {
    let Some(order) = event.data.order_id else { return };
    game.world().note_order(order, event.event_type);
}

/// Access is decided by the event and `effective_until`, never by the status alone.
#[webhook("subscription.*")]
async fn subscription_changed(State(game): State<Game>, event: Event<Subscription>) {
    let Some(player_id) = &event.data.player_id else { return };
    if let Some(profile) = game.world().players.get_mut(player_id) {
        profile.season_pass_until = event.data.effective_until;
        let until = profile.season_pass_until.map(UnixTime::as_secs);
        println!("{} has the season pass until {until:?}", shown(player_id));
    }
}

#[webhook("fraud.reported", only = "live", otherwise = "acknowledge")]
async fn fraud_reported(State(game): State<Game>, event: FraudReported) -> Result<(), Rejection> {
    game.world().player(&event.player_id)?.banned = true;
    println!("{} is banned: {}", shown(&event.player_id), shown(event.fraud_type.as_str()));
    Ok(())
}

#[webhook("analytics.*")]
async fn count(State(game): State<Game>, event: Event<Analytics>) {
    let mut world = game.world();
    let count = world.analytics.entry(event.event_type.clone()).or_default();
    *count += 1;
    println!("{}: {count}", shown(&event.event_type));
}

/// Everything else: consents, messages in the game, coupons, batches, and whatever Aghanim adds.
#[webhook("*")]
async fn note(event: Event<RawEvent>) {
    println!("{} {}", shown(&event.event_type), shown(event.data.get()));
}

fn app(secret: Secret) -> Router {
    let handlers = webhooks![
        verify_player,
        look_up_player,
        update_player,
        show_store,
        add_items,
        remove_items,
        order_changed,
        payment_changed,
        subscription_changed,
        fraud_reported,
        count,
        note,
    ];
    let hooks = Webhooks::new(secret, handlers).idempotency(MemoryStore::new());
    Router::new().route("/webhook", post(hooks)).with_state(Game::new())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let (secret, listener) = (secret()?, listen().await?);

    let items = r#"[{"id":"itm_1","sku":"gems_100","name":"100 gems","quantity":1}]"#;
    let grant = format!(r#"{{"player_id":"2D2R-OP3C","items":{items}}}"#);
    for (event, data) in [
        ("player.verify", r#"{"player_id":"2D2R-OP3C"}"#),
        ("player.lookup", r#"{"account_id":"A-20871"}"#),
        ("store.get", r#"{"player_id":"testplayer"}"#),
        ("item.add", &grant),
        ("item.remove", &grant),
        ("order.refunded", r#"{"id":"ord_1"}"#),
        ("payment.succeeded", r#"{"id":"pmt_1","order_id":"ord_1"}"#),
    ] {
        println!("\n{}", curl(&secret, &listener, event, data));
    }

    serve(listener, app(secret)).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use aghanim_hooks::testing::{Sample, TestClient};
    use serde_json::json;

    use super::*;

    fn client() -> TestClient {
        let secret = Secret::new("whsec_for_tests_only").unwrap();
        TestClient::new(app(secret.clone()), secret)
    }

    fn gems(quantity: i64) -> [Item; 1] {
        [Item::builder().id("itm_1").sku("gems").name("Gems").quantity(quantity).build()]
    }

    async fn owned(client: &TestClient) -> serde_json::Value {
        let player = client.send(PlayerVerify::new("2D2R-OP3C")).await.unwrap();
        player.balances.unwrap()[0].more["amount"].clone()
    }

    #[tokio::test]
    async fn items_are_granted_once_and_only_for_live_purchases() {
        let client = client();
        assert_eq!(owned(&client).await, 40);
        let bought = ItemAdd::new("2D2R-OP3C", gems(100));
        client.send(bought.clone()).repeat(2).await.same().unwrap();
        assert_eq!(owned(&client).await, 140);
        assert_eq!(client.send(bought.clone()).sandbox().await.unwrap_err().status(), 400);
        client.send(bought).await.unwrap();
        assert_eq!(owned(&client).await, 240);
        client.send(ItemRemove::new("2D2R-OP3C", gems(1000))).await.unwrap();
        assert_eq!(owned(&client).await, 0);
    }

    #[tokio::test]
    async fn each_refusal_has_its_events_shape() {
        let items = json!([{"id": "itm_1", "sku": "gems", "name": "Gems", "quantity": 1}]);
        for (event, status, code) in [
            ("player.verify", 404, "not_found"),
            ("player.lookup", 200, "not_found"),
            ("player.update", 200, "not_found"),
            ("store.get", 404, "not_found"),
            ("item.add", 400, "declined"),
            ("item.remove", 404, "not_found"),
        ] {
            let answer = client().send_json(event, &json!({"player_id": "nobody", "items": items})).answer().await;
            let expected = json!({"status": "error", "code": code, "message": "no such player"});
            assert_eq!((answer.status.as_u16(), answer.json()), (status, Some(expected)), "{event}");
        }
    }

    #[tokio::test]
    async fn both_players_exist_and_what_is_learnt_of_them_is_kept() {
        let client = client();
        for (player, name) in [("testplayer", "Test Player"), ("2D2R-OP3C", "Ayla")] {
            assert_eq!(client.send(PlayerVerify::new(player)).await.unwrap().name, name);
        }
        client.send(PlayerUpdate::new("testplayer").name("Tess")).await.unwrap();
        let pass = json!({"status": "canceled", "player_id": "testplayer", "effective_until": 4_102_444_800_i64});
        client.send_json("subscription.deactivated", &pass).await.unwrap();
        let mut fraud = FraudReported::sample();
        fraud.player_id = "testplayer".to_owned();
        client.send(fraud).await.unwrap();

        let player = client.send(PlayerVerify::new("testplayer")).await.unwrap();
        assert_eq!((player.name.as_str(), player.banned), ("Tess", Some(true)));
        assert_eq!(player.segments.unwrap(), ["season_pass"]);
    }
}
