//! PostgreSQL executes a statement, and its reply never comes: the connection is cut.

use std::time::Duration;

use aghanim_hooks::idempotency::{Claimed, IdempotencyStore, PostgresStore, Record, Transaction};
use aghanim_hooks_tests::postgres::{self, Database};
use aghanim_hooks_tests::proxy::{Fault, Moment, Proxy, Side, What};
use axum::http::Extensions;
use sqlx::PgPool;

use crate::fixture::{answer, claim};

struct Setup {
    proxy: Proxy,
    store: PostgresStore,
    outside: PgPool,
    _database: Database,
}

async fn setup() -> Option<Setup> {
    let database = postgres::server()?.database().await;
    let proxy = Proxy::start(database.url()).await;
    let outside = PgPool::connect(database.url()).await.unwrap();
    let store = PostgresStore::options().pool(proxy.pool().await).await.unwrap();
    // The store removes old answers when it is opened. After that, its only statements are the test's.
    let seen = "SELECT clock_seen FROM aghanim_idempotency_meta";
    while sqlx::query_scalar::<_, i64>(seen).fetch_one(&outside).await.unwrap() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Some(Setup { proxy, store, outside, _database: database })
}

impl Setup {
    async fn begin(&self) -> Box<dyn Transaction> {
        let Claimed::Mine(mut transaction) = self.store.begin(&claim("k")).await.unwrap() else { panic!("not free") };
        let mut extensions = Extensions::new();
        transaction.lend(&mut extensions);
        transaction
    }

    fn cut(&self, side: Side, moment: Moment) {
        self.proxy.arm(Fault { what: What::Cut, side, moment });
    }

    async fn stored(&self) -> Option<Record> {
        self.store.lookup(&claim("k").key).await.unwrap()
    }

    async fn rows(&self) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM aghanim_idempotency").fetch_one(&self.outside).await.unwrap()
    }
}

#[tokio::test]
async fn a_commit_that_happened_is_acknowledged() {
    let Some(setup) = setup().await else { return };
    let transaction = setup.begin().await;
    setup.cut(Side::After, Moment::Commit);
    transaction.commit(&answer("first")).await.unwrap();
    setup.proxy.reached().await;
    assert_eq!(setup.stored().await.unwrap().answer, answer("first"));
}

#[tokio::test]
async fn a_commit_that_did_not_happen_is_not_acknowledged() {
    let Some(setup) = setup().await else { return };
    let transaction = setup.begin().await;
    setup.cut(Side::Before, Moment::Commit);
    transaction.commit(&answer("first")).await.unwrap_err();
    setup.proxy.reached().await;
    assert_eq!((setup.stored().await, setup.rows().await), (None, 0), "the key is free");
    setup.begin().await.commit(&answer("second")).await.unwrap();
    assert_eq!(setup.stored().await.unwrap().answer, answer("second"));
}

/// Another attempt was faster: its answer is the one that duplicates get.
#[tokio::test]
async fn a_commit_is_not_acknowledged_if_another_answer_is_stored() {
    let Some(setup) = setup().await else { return };
    // Plays the other attempt: it stores its answer when this one commits.
    let other = "CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                     IF NEW.body <> '\\x5b5d' THEN \
                         UPDATE aghanim_idempotency SET body = '\\x5b5d' WHERE digest = NEW.digest; \
                     END IF; \
                     RETURN NULL; \
                 END $$; \
                 CREATE CONSTRAINT TRIGGER other AFTER INSERT OR UPDATE ON aghanim_idempotency \
                 DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.body IS NOT NULL) EXECUTE FUNCTION other()";
    sqlx::raw_sql(other).execute(&setup.outside).await.unwrap();
    let transaction = setup.begin().await;
    setup.cut(Side::After, Moment::Commit);
    let error = transaction.commit(&answer("mine")).await.unwrap_err().to_string();
    setup.proxy.reached().await;
    assert!(error.contains("another attempt answered"), "{error}");
    assert_eq!(setup.stored().await.unwrap().answer.body, "[]");
}

#[tokio::test]
async fn a_refusal_is_stored_once() {
    let Some(setup) = setup().await else { return };
    for side in [Side::Before, Side::After] {
        sqlx::query("DELETE FROM aghanim_idempotency").execute(&setup.outside).await.unwrap();
        let transaction = setup.begin().await;
        setup.cut(side, Moment::Answer);
        let refused = transaction.refuse(&answer("refused")).await.unwrap();
        setup.proxy.reached().await;
        let record = Record::new(claim("k").fingerprint, answer("refused"));
        assert!(matches!(refused, Claimed::Mine(())) || refused == Claimed::Answered(record.clone()), "{refused:?}");
        assert_eq!((setup.stored().await, setup.rows().await), (Some(record), 1), "{side:?}");
    }
}

#[tokio::test]
async fn the_answer_of_a_lease_is_stored_once() {
    let Some(setup) = setup().await else { return };
    for side in [Side::Before, Side::After] {
        sqlx::query("DELETE FROM aghanim_idempotency").execute(&setup.outside).await.unwrap();
        let claim = claim("k");
        assert_eq!(setup.store.claim(&claim).await.unwrap(), Claimed::Mine(()));
        setup.cut(side, Moment::Answer);
        assert!(setup.store.complete(&claim, &answer("completed")).await.unwrap(), "{side:?}");
        setup.proxy.reached().await;
        assert_eq!((setup.stored().await.unwrap().answer, setup.rows().await), (answer("completed"), 1));
        assert!(!setup.store.complete(&claim, &answer("completed")).await.unwrap(), "the claim has ended");
    }
}
