//! A game that gives each grant its own receipt. The receipt in an answer tells which grant it belongs to.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use aghanim_hooks::idempotency::{MemoryStore, PostgresStore, SqliteStore, Tx};
use aghanim_hooks::{Handlers, Rejection, Secret, WebhookEvent, Webhooks, webhook, webhooks};
use axum::extract::State;
use axum::{Router, routing::post};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{PgPool, Postgres, Sqlite, SqlitePool};
use tokio::net::TcpSocket;

use super::doubles::{Double, Flaw};

/// The time for which a connection to a file waits for another one.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The listen queue. It is long, because a storm opens all its connections at once.
const BACKLOG: u32 = 4096;

/// The settings of a game's process, which it gets on its command line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Setup {
    /// The database with its grants.
    pub database: Database,
    /// The store with its answers.
    pub store: Store,
    /// The kind of handler that grants.
    pub handler: Handler,
    /// `Webhooks::timeout`.
    pub timeout: Duration,
    /// The time that a grant takes between the write and the answer.
    pub work: Duration,
    /// One grant in this many fails after it has written; 0 for none.
    pub fails_every: u64,
    /// The number of connections to a database server.
    pub connections: u32,
    /// True if grants of [`Behaviour::Fail`] and [`Behaviour::Panic`] do so at first.
    pub troubled: bool,
}

impl Setup {
    /// Returns the argument for the program `game`.
    ///
    /// # Panics
    /// Panics if the file's path is not Unicode.
    #[must_use]
    pub fn to_argument(&self) -> String {
        serde_json::to_string(self).expect("a path in Unicode")
    }

    /// A quick handler in a transaction of the database's own store, of which one in seven fails.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self {
            database,
            store: Store::OfTheDatabase,
            handler: Handler::InTransaction,
            timeout: Duration::from_secs(10),
            work: Duration::from_millis(1),
            fails_every: 7,
            connections: 10,
            troubled: false,
        }
    }
}

/// The database with the game's grants.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Database {
    /// The path of a file.
    Sqlite(PathBuf),
    /// The URL of a server.
    Postgres(String),
}

/// The store with the answers.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub enum Store {
    /// The store that the library has for the game's database.
    OfTheDatabase,
    /// The library's store in memory. The grants are in the database.
    Memory,
    /// A store with a known flaw, which must fail the suite. Without a flaw it must pass. It needs a file.
    Double(Option<Flaw>),
}

/// The kind of handler that grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Handler {
    /// Through the `Tx` of the store.
    InTransaction,
    /// Through its own connection.
    UnderLease,
}

/// The behaviour of a handler. The first word of the key chooses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Grants.
    Grant,
    /// Refuses finally, after it has written.
    Refuse,
    /// Fails after it has written, while the game is [troubled](Setup::troubled); then it grants.
    Fail,
    /// Panics after it has written, while the game is [troubled](Setup::troubled); then it grants.
    Panic,
}

impl Behaviour {
    /// Every behaviour.
    pub const ALL: [Self; 4] = [Self::Grant, Self::Refuse, Self::Fail, Self::Panic];

    const fn word(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Refuse => "refuse",
            Self::Fail => "fail",
            Self::Panic => "panic",
        }
    }

    /// A key that asks for this behaviour.
    #[must_use]
    pub fn key(self, rest: &str) -> String {
        format!("{}-{rest}", self.word())
    }

    /// The behaviour that a key asks for.
    #[must_use]
    pub fn of(key: &str) -> Self {
        let word = key.split('-').next();
        Self::ALL.into_iter().find(|behaviour| word == Some(behaviour.word())).unwrap_or(Self::Grant)
    }
}

/// `item.add`, as far as this game reads it.
#[derive(Deserialize, WebhookEvent)]
#[event("item.add", reply = Receipt)]
struct Grant {
    player_id: String,
}

#[derive(Serialize)]
struct Receipt {
    receipt: String,
}

#[derive(Clone)]
struct Game {
    setup: Arc<Setup>,
    attempts: Arc<AtomicU64>,
    troubled: Arc<AtomicBool>,
}

#[derive(Clone)]
struct Own<Pool> {
    game: Game,
    pool: Pool,
}

const GRANT: &str = "INSERT INTO grants (player_id, receipt) VALUES ($1, $2)";

/// Every handler reads this first if its key asks for more than a grant, so that all of them send a statement.
const GRANTED: &str = "SELECT count(*) FROM grants WHERE player_id = $1";

#[webhook("item.add")]
async fn in_sqlite(State(game): State<Game>, mut tx: Tx<Sqlite>, event: Grant) -> Result<Receipt, Rejection> {
    let receipt = receipt();
    sqlx::query(GRANT).bind(&event.player_id).bind(&receipt).execute(&mut *tx).await?;
    game.work(&event, receipt).await
}

#[webhook("item.add")]
async fn in_postgres(State(game): State<Game>, mut tx: Tx<Postgres>, event: Grant) -> Result<Receipt, Rejection> {
    let receipt = receipt();
    sqlx::query(GRANT).bind(&event.player_id).bind(&receipt).execute(&mut *tx).await?;
    game.work(&event, receipt).await
}

/// It fails before its write, because nothing would undo the write.
#[webhook("item.add")]
async fn beside_sqlite(State(own): State<Own<SqlitePool>>, event: Grant) -> Result<Receipt, Rejection> {
    if Behaviour::of(&event.player_id) != Behaviour::Grant {
        sqlx::query(GRANTED).bind(&event.player_id).execute(&own.pool).await?;
    }
    let Receipt { receipt } = own.game.work(&event, receipt()).await?;
    sqlx::query(GRANT).bind(&event.player_id).bind(&receipt).execute(&own.pool).await?;
    Ok(Receipt { receipt })
}

/// Like [`beside_sqlite`].
#[webhook("item.add")]
async fn beside_postgres(State(own): State<Own<PgPool>>, event: Grant) -> Result<Receipt, Rejection> {
    if Behaviour::of(&event.player_id) != Behaviour::Grant {
        sqlx::query(GRANTED).bind(&event.player_id).execute(&own.pool).await?;
    }
    let Receipt { receipt } = own.game.work(&event, receipt()).await?;
    sqlx::query(GRANT).bind(&event.player_id).bind(&receipt).execute(&own.pool).await?;
    Ok(Receipt { receipt })
}

fn receipt() -> String {
    format!("{:016x}", fastrand::u64(..))
}

impl Game {
    /// Takes time, and fails sometimes, or as the key asks for.
    async fn work(&self, event: &Grant, receipt: String) -> Result<Receipt, Rejection> {
        let attempt = self.attempts.fetch_add(1, Ordering::Relaxed) + 1;
        tokio::time::sleep(self.setup.work).await;
        if self.setup.fails_every > 0 && attempt.is_multiple_of(self.setup.fails_every) {
            return Err(Rejection::unavailable(Duration::from_secs(1)));
        }
        match Behaviour::of(&event.player_id) {
            Behaviour::Refuse => Err(Rejection::declined("not for this player")),
            Behaviour::Fail if self.troubled.load(Ordering::Relaxed) => {
                Err(Rejection::unavailable(Duration::from_secs(1)))
            }
            Behaviour::Panic if self.troubled.load(Ordering::Relaxed) => panic!("{PANIC}"),
            Behaviour::Grant | Behaviour::Fail | Behaviour::Panic => Ok(Receipt { receipt }),
        }
    }
}

/// The message of the panic that a key asks for.
pub const PANIC: &str = "this grant was asked to panic";

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Serves a game until the process is killed. Prints its address.
///
/// # Errors
/// Fails if the store can't be opened, or no port is free.
pub async fn serve(setup: Setup) -> Result<(), Failed> {
    let secret = Secret::from_env("AGHANIM_WEBHOOK_SECRET")?;
    let (router, _) = router(&setup, secret, None).await?;
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, 1], 0).into())?;
    let listener = socket.listen(BACKLOG)?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}

/// Returns the endpoint of a game, and the flag that makes it fail. The store and the handlers share a pool if one is
/// given.
pub(super) async fn router(
    setup: &Setup,
    secret: Secret,
    shared: Option<PgPool>,
) -> Result<(Router, Arc<AtomicBool>), Failed> {
    let troubled = Arc::new(AtomicBool::new(setup.troubled));
    let game = Game { setup: Arc::new(setup.clone()), attempts: Arc::default(), troubled: Arc::clone(&troubled) };
    let router = match (&setup.handler, &setup.database) {
        (Handler::InTransaction, Database::Sqlite(_)) => mount(setup, secret, shared, webhooks![in_sqlite], game).await,
        (Handler::InTransaction, Database::Postgres(_)) => {
            mount(setup, secret, shared, webhooks![in_postgres], game).await
        }
        (Handler::UnderLease, Database::Sqlite(path)) => {
            // A connection that was opened while the file was read-only stays read-only.
            let pool = SqlitePoolOptions::new()
                .max_lifetime(Duration::from_millis(500))
                .connect_lazy_with(super::ledger::sqlite(path));
            mount(setup, secret, shared, webhooks![beside_sqlite], Own { game, pool }).await
        }
        (Handler::UnderLease, Database::Postgres(url)) => {
            let pool = match &shared {
                Some(pool) => pool.clone(),
                None => PgPoolOptions::new().connect_lazy(url)?,
            };
            mount(setup, secret, shared, webhooks![beside_postgres], Own { game, pool }).await
        }
    }?;
    Ok((router, troubled))
}

async fn mount<S: Clone + Send + Sync + 'static>(
    setup: &Setup,
    secret: Secret,
    shared: Option<PgPool>,
    handlers: Handlers<S>,
    state: S,
) -> Result<Router, Failed> {
    let hooks = Webhooks::new(secret, handlers).timeout(setup.timeout);
    let hooks = match (setup.store, &setup.database) {
        (Store::Memory, _) => hooks.idempotency(MemoryStore::new()),
        (Store::OfTheDatabase, Database::Sqlite(path)) => hooks.idempotency(SqliteStore::open(path).await?),
        (Store::OfTheDatabase, Database::Postgres(url)) => {
            let pool = match shared {
                Some(pool) => pool,
                None => PgPoolOptions::new().max_connections(setup.connections).connect_lazy(url)?,
            };
            hooks.idempotency(PostgresStore::options().pool(pool).await?)
        }
        (Store::Double(flaw), Database::Sqlite(path)) => hooks.idempotency(Double::open(path, flaw).await?),
        (Store::Double(_), Database::Postgres(_)) => return Err("the doubles are on SQLite".into()),
    };
    hooks.check()?;
    Ok(Router::new().route("/webhook", post(hooks)).with_state(state))
}
