//! A client may hang up at any moment. The future of a delivery is polled once, twice, … and then dropped, until it
//! completes, for each kind of handler on each store. After each drop the database holds no transaction and no lock, the
//! next delivery succeeds, and the history of all keys adds up.

use std::panic;
use std::time::Duration;

use aghanim_hooks_tests::exactly_once::{
    Behaviour, Database, Endpoint, Handler, History, Ledger, Observed, PANIC, Promise, Setup, Store,
};
use aghanim_hooks_tests::outside::{Outside, SOON};
use aghanim_hooks_tests::polls::{Dropped, poll_and_drop};
use aghanim_hooks_tests::postgres;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tempfile::TempDir;
use tokio::time::timeout;

/// A delivery that is polled more often than this never ends.
const MOST_POLLS: usize = 500;

/// When the next delivery comes.
#[derive(Debug, Clone, Copy)]
enum Next {
    /// While the dropped one may still be at its end.
    AtOnce,
    /// When the database has been looked at: another delivery may close what the dropped one left open.
    Later,
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
                    outside.nothing_open().await.unwrap_or_else(|open| panic!("{case}: {open}"));
                }
                deliver(&endpoint, &mut history, &Behaviour::Grant.key(&format!("next-{key}")), &case).await;
                outside.nothing_open().await.unwrap_or_else(|open| panic!("{case}: {open}"));
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
        let outside = Outside::postgres(database.url(), &pool).await;
        let setup = setup(Database::Postgres(database.url().to_owned()), Store::OfTheDatabase, handler);
        let drops = drop_at_every_poll(setup, Some(pool), &outside, &ledger).await;
        eprintln!("PostgreSQL, {handler:?}: {drops} drops");
    }
}
