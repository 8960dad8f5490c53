//! A shop whose handlers do what a test has planned for each attempt, on a database of each kind.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aghanim_hooks::idempotency::{IdempotencyStore, Postgres, PostgresStore, Sqlite, SqliteStore, Tx};
use aghanim_hooks::later::{Attempt, RunningWorker};
use aghanim_hooks::{Handlers, Rejection, Secret, WebhookEvent, Webhooks, webhook, webhooks};
use aghanim_hooks_river::{Backend, Backoff, River};
use aghanim_hooks_tests::{Response, Server, signed};
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use serde::Deserialize;
use sqlx::{AssertSqlSafe, Executor as _, PgPool, Pool, SqlitePool};
use tokio::time::{Instant, sleep};

const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";

/// The end of an attempt, after the handler has written its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Succeed,
    Fail,
    Panic,
    /// Longer than any timeout.
    Hang,
    Refuse,
    /// Blocks the thread for so many milliseconds, then succeeds.
    Block(u64),
}

/// The state of the handlers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Game {
    script: Arc<Mutex<HashMap<String, VecDeque<Act>>>>,
    calls: Arc<Mutex<Vec<(String, Attempt)>>>,
}

impl Game {
    /// The next attempts for an order. After them, attempts succeed.
    pub(crate) fn plan(&self, id: &str, acts: &[Act]) {
        self.script.lock().unwrap().insert(id.to_owned(), acts.iter().copied().collect());
    }

    /// The attempts that were made for an order, in order.
    pub(crate) fn calls(&self, id: &str) -> Vec<Attempt> {
        self.calls.lock().unwrap().iter().filter(|(order, _)| order == id).map(|(_, attempt)| *attempt).collect()
    }

    fn called(&self, id: &str, attempt: Attempt) -> Act {
        self.calls.lock().unwrap().push((id.to_owned(), attempt));
        self.script.lock().unwrap().get_mut(id).and_then(VecDeque::pop_front).unwrap_or(Act::Succeed)
    }

    async fn act(&self, act: Act) -> Result<(), Rejection> {
        match act {
            Act::Succeed => Ok(()),
            Act::Fail => Err(Rejection::internal("the ledger is closed")),
            Act::Panic => panic!("the ledger is upside down"),
            Act::Hang => std::future::pending().await,
            Act::Refuse => Err(Rejection::declined("no such shop")),
            Act::Block(time) => {
                std::thread::sleep(Duration::from_millis(time));
                Ok(())
            }
        }
    }
}

/// Aghanim's order, as far as this shop reads it.
#[derive(Debug, Deserialize, WebhookEvent)]
#[event("order.*")]
pub(crate) struct Order {
    id: String,
    #[serde(default)]
    amount: i64,
}

/// Two events of the shop's own. Not every worker has a handler for `parcel.lost`.
#[derive(Debug, Deserialize, WebhookEvent)]
#[event("parcel.moved", "parcel.lost")]
pub(crate) struct Parcel {
    id: String,
    place: i64,
}

macro_rules! handlers {
    ($module:ident, $db:ident) => {
        pub(crate) mod $module {
            use super::*;

            #[webhook("order.paid", later(attempts = 3, timeout = "900ms", queue = "orders"))]
            pub(super) async fn book(
                State(game): State<Game>,
                attempt: Attempt,
                mut tx: Tx<$db>,
                event: Order,
            ) -> Result<(), Rejection> {
                let act = game.called(&event.id, attempt);
                sqlx::query("INSERT INTO bookings (order_id, amount) VALUES ($1, $2)")
                    .bind(&event.id)
                    .bind(event.amount)
                    .execute(&mut *tx)
                    .await?;
                game.act(act).await
            }

            /// Without a `Tx`.
            #[webhook("order.created", later(attempts = 3, timeout = "900ms"))]
            pub(super) async fn mail(
                State(game): State<Game>,
                attempt: Attempt,
                event: Order,
            ) -> Result<(), Rejection> {
                let act = game.called(&event.id, attempt);
                game.act(act).await
            }

            #[webhook("parcel.moved", later(latest_of = "data.id"))]
            pub(super) async fn track(
                State(game): State<Game>,
                attempt: Attempt,
                mut tx: Tx<$db>,
                event: Parcel,
            ) -> Result<(), Rejection> {
                let act = game.called(&format!("{}@{}", event.id, event.place), attempt);
                sqlx::query("INSERT INTO bookings (order_id, amount) VALUES ($1, $2)")
                    .bind(&event.id)
                    .bind(event.place)
                    .execute(&mut *tx)
                    .await?;
                game.act(act).await
            }

            /// Only in the newest binary.
            #[webhook("parcel.lost", later(attempts = 20))]
            pub(super) async fn search(
                State(game): State<Game>,
                attempt: Attempt,
                event: Parcel,
            ) -> Result<(), Rejection> {
                let act = game.called(&event.id, attempt);
                game.act(act).await
            }
        }
    };
}

handlers!(on_sqlite, Sqlite);
handlers!(on_postgres, Postgres);

/// A database that a shop can be on.
pub(crate) trait Base: Backend {
    type Store: IdempotencyStore;

    fn handlers(newest: bool) -> Handlers<Game>;

    fn store(pool: &Pool<Self>) -> impl Future<Output = Self::Store> + Send;

    /// A pool of its own on the same database.
    fn again(pool: &Pool<Self>) -> impl Future<Output = Pool<Self>> + Send;

    fn execute(pool: &Pool<Self>, sql: String) -> impl Future<Output = sqlx::Result<u64>> + Send;

    fn number(pool: &Pool<Self>, sql: String) -> impl Future<Output = sqlx::Result<i64>> + Send;

    /// A table of River's.
    fn river(table: &str) -> String;
}

macro_rules! base {
    ($db:ty, $pool:ty, $handlers:ident, $store:ty, |$from:ident| $open:expr, |$table:ident| $river:expr) => {
        impl Base for $db {
            type Store = $store;

            fn handlers(newest: bool) -> Handlers<Game> {
                use $handlers::{book, mail, search, track};
                if newest { webhooks![book, mail, track, search] } else { webhooks![book, mail, track] }
            }

            async fn store($from: &$pool) -> $store {
                $open.await.unwrap()
            }

            async fn again(pool: &$pool) -> $pool {
                let options = sqlx::pool::PoolOptions::<$db>::new().max_connections(5);
                options.connect_with((*pool.connect_options()).clone()).await.unwrap()
            }

            async fn execute(pool: &$pool, sql: String) -> sqlx::Result<u64> {
                Ok(pool.execute(AssertSqlSafe(sql)).await?.rows_affected())
            }

            async fn number(pool: &$pool, sql: String) -> sqlx::Result<i64> {
                sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await
            }

            fn river($table: &str) -> String {
                $river
            }
        }
    };
}

base!(
    Sqlite,
    SqlitePool,
    on_sqlite,
    SqliteStore,
    |pool| SqliteStore::open(pool.connect_options().get_filename()),
    |table| table.to_owned()
);
base!(
    Postgres,
    PgPool,
    on_postgres,
    PostgresStore,
    |pool| PostgresStore::options().pool(pool.clone()),
    |table| format!("aghanim_later.{table}")
);

/// An endpoint that is served, and its database.
pub(crate) struct Shop<Db: Base> {
    pub(crate) game: Game,
    pub(crate) pool: Pool<Db>,
    pub(crate) river: River<Db>,
    pub(crate) hooks: Webhooks<Game>,
    server: Server,
}

/// Short times, so that a test is over soon.
pub(crate) fn quick<Db: Base>(pool: &Pool<Db>) -> River<Db> {
    River::new(pool.clone())
        .backoff(Backoff { first: Duration::from_millis(50), longest: Duration::from_millis(200) })
        .poll(Duration::from_millis(100))
        .timeout(Duration::from_secs(2))
        .rescue_after(Duration::from_secs(1))
}

impl<Db: Base> Shop<Db> {
    pub(crate) async fn open(pool: Pool<Db>) -> Self {
        Self::with_settings(pool, |hooks| hooks).await
    }

    /// Opens a shop whose endpoint has more settings, such as an observer.
    pub(crate) async fn with_settings(pool: Pool<Db>, settings: impl FnOnce(Webhooks<Game>) -> Webhooks<Game>) -> Self {
        let store = Db::store(&pool).await;
        Self::with(pool, store, settings).await
    }

    pub(crate) async fn with_store(pool: Pool<Db>, store: impl IdempotencyStore) -> Self {
        Self::with(pool, store, |hooks| hooks).await
    }

    async fn with(
        pool: Pool<Db>,
        store: impl IdempotencyStore,
        settings: impl FnOnce(Webhooks<Game>) -> Webhooks<Game>,
    ) -> Self {
        let serial = if Db::NAME == "SQLite" { "INTEGER PRIMARY KEY" } else { "BIGSERIAL PRIMARY KEY" };
        let table = format!("CREATE TABLE bookings (id {serial}, order_id TEXT NOT NULL, amount BIGINT NOT NULL)");
        Db::execute(&pool, table).await.unwrap();
        let game = Game::default();
        let river = quick(&pool).migrate().await.unwrap();
        let hooks = Webhooks::new(secret(), Db::handlers(true))
            .idempotency(store)
            .later(river.clone())
            .timeout(Duration::from_secs(5));
        let hooks = settings(hooks);
        let router = Router::new().route("/webhook", post(hooks.clone())).with_state(game.clone());
        let server = Server::start(router).await.unwrap();
        Self { game, pool, river, hooks, server }
    }

    pub(crate) async fn worker(&self) -> RunningWorker {
        self.hooks.worker_with(self.game.clone()).start().await.unwrap()
    }

    pub(crate) async fn send(&self, body: &str) -> Response {
        signed(&secret(), body).send(self.server.address()).await.unwrap()
    }

    /// Sends an `order.paid`, which must be acknowledged.
    pub(crate) async fn pay(&self, id: &str) {
        let response = self.send(&paid(id)).await;
        assert_eq!((response.status, &*response.body), (200, &br#"{"status":"ok"}"#[..]), "{response:?}");
    }

    pub(crate) async fn bookings(&self, id: &str) -> i64 {
        Db::number(&self.pool, format!("SELECT count(*) FROM bookings WHERE order_id = '{id}'")).await.unwrap()
    }

    /// The number of jobs in a state, or in any.
    pub(crate) async fn jobs(&self, state: &str) -> i64 {
        let (table, state) = (Db::river("river_job"), format!("CAST(state AS text) LIKE '{state}'"));
        Db::number(&self.pool, format!("SELECT count(*) FROM {table} WHERE {state}")).await.unwrap()
    }

    /// Waits until no job is left to work.
    pub(crate) async fn done(&self) {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let depth = self.river.depth().await.unwrap();
            if depth.unfinished() == 0 {
                return;
            }
            assert!(Instant::now() < until, "jobs are left: {depth:?}");
            sleep(Duration::from_millis(20)).await;
        }
    }
}

pub(crate) fn secret() -> Secret {
    Secret::new(SECRET).unwrap()
}

pub(crate) fn paid(id: &str) -> String {
    format!(
        r#"{{"event_type":"order.paid","event_id":"e-{id}","idempotency_key":"k-{id}","event_time":1714147200,"event_data":{{"id":"{id}","amount":499}}}}"#
    )
}

pub(crate) fn created(id: &str) -> String {
    paid(id).replace("order.paid", "order.created")
}

pub(crate) fn moved(id: &str, place: i64, time: i64) -> String {
    format!(
        r#"{{"event_type":"parcel.moved","idempotency_key":"k-{id}-{place}","event_time":{time},"event_data":{{"id":"{id}","place":{place}}}}}"#
    )
}
