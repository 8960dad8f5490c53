//! An endpoint for events with keys, on each store, and a measurement of its events per second.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aghanim_hooks::events::ItemAdd;
use aghanim_hooks::idempotency::{IdempotencyStore, Postgres, Sqlite, Tx};
use aghanim_hooks::{Handlers, Rejection, Secret, Webhooks, webhook, webhooks};
use axum::Router;
use axum::routing::post;
use tower::ServiceExt as _;

use crate::request::{Delivery, SECRET};

/// The game's table, which handlers with a transaction write.
pub const INVENTORY: &str =
    "CREATE TABLE inventory (player_id text, sku text, quantity bigint NOT NULL, PRIMARY KEY (player_id, sku))";
const GRANT: &str = "INSERT INTO inventory (player_id, sku, quantity) VALUES ($1, 'gems', 1) \
    ON CONFLICT (player_id, sku) DO UPDATE SET quantity = inventory.quantity + 1";

#[webhook("item.add")]
async fn grant(_event: ItemAdd) {}

#[webhook("item.add")]
async fn grant_in_sqlite(mut tx: Tx<Sqlite>, event: ItemAdd) -> Result<(), Rejection> {
    sqlx::query(GRANT).bind(event.player_id).execute(&mut *tx).await?;
    Ok(())
}

#[webhook("item.add")]
async fn grant_in_postgres(mut tx: Tx<Postgres>, event: ItemAdd) -> Result<(), Rejection> {
    sqlx::query(GRANT).bind(event.player_id).execute(&mut *tx).await?;
    Ok(())
}

/// No store: keys are ignored.
pub fn without_store() -> Router {
    mount(endpoint(webhooks![grant]))
}

/// A lease around a handler that writes nothing.
pub fn leased(store: impl IdempotencyStore) -> Router {
    mount(endpoint(webhooks![grant]).idempotency(store))
}

/// A handler that writes a row in a transaction of SQLite.
pub fn in_sqlite(store: impl IdempotencyStore) -> Router {
    mount(endpoint(webhooks![grant_in_sqlite]).idempotency(store))
}

/// A handler that writes a row in a transaction of PostgreSQL.
pub fn in_postgres(store: impl IdempotencyStore) -> Router {
    mount(endpoint(webhooks![grant_in_postgres]).idempotency(store))
}

fn endpoint(handlers: Handlers<()>) -> Webhooks {
    Webhooks::new(Secret::new(SECRET).expect("a secret"), handlers).timeout(Duration::from_mins(1))
}

fn mount(hooks: Webhooks) -> Router {
    Router::new().route("/webhook", post(hooks))
}

/// Deliveries a second: see [`deliver`].
pub async fn rate(app: &Router, at_once: usize, key: impl Fn(usize) -> Option<String> + Clone + Send + 'static) -> f64 {
    let started = Instant::now();
    f64::from(deliver(app, at_once, key).await) / started.elapsed().as_secs_f64()
}

/// Sends deliveries, this many at once, and returns their number.
///
/// `key` makes a key from the number of a delivery. `None` ends the run.
///
/// # Panics
/// Panics if an answer is not 200.
pub async fn deliver(
    app: &Router,
    at_once: usize,
    key: impl Fn(usize) -> Option<String> + Clone + Send + 'static,
) -> u32 {
    let next = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..at_once)
        .map(|_| {
            let (app, next, key) = (app.clone(), next.clone(), key.clone());
            tokio::spawn(async move {
                let mut done = 0;
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let Some(key) = key(n) else { return done };
                    let answer = app.clone().oneshot(item_add(n % 10_000, &key).request()).await.expect("infallible");
                    assert_eq!(answer.status(), 200);
                    done += 1;
                }
            })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        done += task.await.expect("no panic");
    }
    done
}

fn item_add(player: usize, key: &str) -> Delivery {
    Delivery::new(format!(
        r#"{{"event_id":"whevt_1","event_type":"item.add","event_data":{{"player_id":"{player}","items":[]}},"idempotency_key":"{key}"}}"#
    ))
}
