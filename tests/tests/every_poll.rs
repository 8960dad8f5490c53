//! A client may hang up at any moment. The future of a delivery is polled once, twice, … and then dropped, until it
//! completes, for each kind of handler on each store. After each drop the database holds no transaction and no lock, the
//! next delivery succeeds, and the history of all keys adds up.

use std::panic;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use aghanim_hooks_tests::exactly_once::{
    Behaviour, Database, Endpoint, Handler, History, Ledger, Observed, PANIC, Promise, Setup, Store,
};
use aghanim_hooks_tests::postgres;
use futures_util::future::poll_fn;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Executor as _, PgPool, SqlitePool};
use tempfile::TempDir;
use tokio::time::{Instant, sleep, timeout};

/// A delivery on a busy machine is done in this time, if nothing is in its way.
const SOON: Duration = Duration::from_secs(5);
/// A delivery that is polled more often than this never ends.
const MOST_POLLS: usize = 500;

/// When a future is dropped after its last poll.
#[derive(Debug, Clone, Copy)]
enum Dropped {
    /// At once: what it waits for is still under way.
    AtOnce,
    /// When it is woken: what it waits for is there, and it does not get it.
    Woken,
}

/// When the next delivery comes.
#[derive(Debug, Clone, Copy)]
enum Next {
    /// While the dropped one may still be at its end.
    AtOnce,
    /// When the database has been looked at: another delivery may close what the dropped one left open.
    Later,
}

/// Polls a future so many times and drops it. `Some` if it completed before.
async fn poll_and_drop<F: Future>(future: F, polls: usize, dropped: Dropped) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut polled = 0;
    poll_fn(|context| {
        if polled == polls {
            return Poll::Ready(None);
        }
        polled += 1;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if polled == polls && matches!(dropped, Dropped::AtOnce) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// The database, seen from outside.
enum Outside {
    Sqlite(SqlitePool),
    /// The pool under test, and one that looks.
    Postgres {
        pool: PgPool,
        outside: PgPool,
    },
}

impl Outside {
    async fn sqlite(path: &std::path::Path) -> Self {
        let options = SqliteConnectOptions::new().filename(path).busy_timeout(SOON);
        Self::Sqlite(SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap())
    }

    /// Waits until nothing is open any more, and fails if that does not come.
    async fn expect_nothing_open(&self, case: &str) {
        match self {
            // There is one writer: who gets to write finds nobody else in a transaction.
            Self::Sqlite(pool) => {
                let mut connection = pool.acquire().await.unwrap();
                let begun = connection.execute("BEGIN IMMEDIATE").await;
                begun.unwrap_or_else(|error| panic!("{case}: a transaction is open: {error}"));
                connection.execute("ROLLBACK").await.unwrap();
            }
            Self::Postgres { pool, outside } => {
                let until = Instant::now() + SOON;
                loop {
                    let open = open(outside).await;
                    let (all, idle) = (pool.size() as usize, pool.num_idle());
                    if open == (0, 0) && all == idle {
                        return;
                    }
                    assert!(
                        Instant::now() < until,
                        "{case}: {} transactions and {} locks stay open, {idle} of {all} connections are idle",
                        open.0,
                        open.1
                    );
                    sleep(Duration::from_millis(2)).await;
                }
            }
        }
    }
}

/// The number of transactions and locks of others in this database.
async fn open(outside: &PgPool) -> (i64, i64) {
    const OPEN: &str = "SELECT
        (SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL),
        (SELECT count(*) FROM pg_locks
            WHERE pid <> pg_backend_pid()
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))";
    sqlx::query_as(OPEN).fetch_one(outside).await.unwrap()
}

/// Drops the deliveries of one kind of handler at every poll.
async fn drop_at_every_poll(setup: Setup, shared: Option<PgPool>, outside: &Outside, ledger: &Ledger) -> usize {
    let (handler, store) = (setup.handler, setup.store);
    let endpoint = Endpoint::open(&setup, shared).await;
    let mut history = History::default();
    let mut drops = 0;
    for behaviour in Behaviour::ALL {
        for (dropped, next) in [
            (Dropped::AtOnce, Next::Later),
            (Dropped::AtOnce, Next::AtOnce),
            (Dropped::Woken, Next::Later),
            (Dropped::Woken, Next::AtOnce),
        ] {
            for polls in 1.. {
                assert!(polls < MOST_POLLS, "a delivery never ends");
                let case = format!(
                    "{store:?}, {handler:?}, {behaviour:?}, dropped {dropped:?} after {polls} polls, next {next:?}"
                );
                let key = behaviour.key(&format!("{store:?}-{handler:?}-{dropped:?}-{next:?}-{polls}"));
                history.sent(&key);
                endpoint.set_troubled(true);
                let answer = poll_and_drop(endpoint.deliver(&key), polls, dropped).await;
                let completed = answer.is_some();
                history.observe(&key, answer.map_or(Observed::Nothing, Observed::answer));
                if matches!(next, Next::Later) {
                    outside.expect_nothing_open(&case).await;
                }
                deliver(&endpoint, &mut history, &Behaviour::Grant.key(&format!("next-{key}")), &case).await;
                outside.expect_nothing_open(&case).await;
                endpoint.set_troubled(false);
                deliver(&endpoint, &mut history, &key, &case).await;
                if completed {
                    break;
                }
                drops += 1;
            }
        }
    }
    let effects = ledger.read().await.unwrap();
    let own = effects.into_iter().filter(|(key, _)| history.keys().any(|sent| sent == key)).collect();
    // An attempt without a transaction goes on when its client hangs up, so it happens once too: nothing dies here.
    assert_eq!(history.check(&own, Promise::Once), []);
    drops
}

/// Delivers a grant, which must get its final answer at the first attempt.
async fn deliver(endpoint: &Endpoint, history: &mut History, key: &str, case: &str) {
    history.sent(key);
    let answer = timeout(SOON, endpoint.deliver(key)).await;
    let answer = answer.unwrap_or_else(|_| panic!("{case}: `{key}` is not answered"));
    assert!(answer.status < 500, "{case}: `{key}` is answered {}", answer.text());
    history.observe(key, Observed::answer(answer));
}

fn setup(database: Database, store: Store, handler: Handler) -> Setup {
    Setup { store, handler, work: Duration::ZERO, fails_every: 0, ..Setup::new(database) }
}

fn hide_the_panics_that_were_asked_for() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if info.payload_as_str() != Some(PANIC) {
            usual(info);
        }
    }));
}

async fn in_a_file(store: Store, handlers: &[Handler]) {
    hide_the_panics_that_were_asked_for();
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("game.db");
    let database = Database::Sqlite(path.clone());
    let ledger = Ledger::of_game(&database).await.unwrap();
    let outside = Outside::sqlite(&path).await;
    for handler in handlers {
        let drops = drop_at_every_poll(setup(database.clone(), store, *handler), None, &outside, &ledger).await;
        eprintln!("{store:?} in a file, {handler:?}: {drops} drops");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_memory() {
    in_a_file(Store::Memory, &[Handler::UnderLease]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    in_a_file(Store::OfTheDatabase, &[Handler::InTransaction, Handler::UnderLease]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let Some(server) = postgres::server() else { return };
    hide_the_panics_that_were_asked_for();
    for handler in [Handler::InTransaction, Handler::UnderLease] {
        let database = server.database().await;
        let ledger = Ledger::of_game(&Database::Postgres(database.url().to_owned())).await.unwrap();
        let pool = PgPoolOptions::new().max_connections(1).connect(database.url()).await.unwrap();
        let watching = PgPoolOptions::new().max_connections(1).connect(database.url()).await.unwrap();
        let outside = Outside::Postgres { pool: pool.clone(), outside: watching };
        let setup = setup(Database::Postgres(database.url().to_owned()), Store::OfTheDatabase, handler);
        let drops = drop_at_every_poll(setup, Some(pool), &outside, &ledger).await;
        eprintln!("PostgreSQL, {handler:?}: {drops} drops");
    }
}
