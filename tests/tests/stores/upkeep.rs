//! Opening, versions, names, retention and clocks.

use std::path::Path;
use std::time::Duration;

use aghanim_hooks::idempotency::{
    Claimed, IdempotencyStore, MemoryStore, PostgresStore, Record, SqliteStore, StoreError,
};
use aghanim_hooks_tests::postgres as server;
use sqlx::SqlitePool;
use tokio::time::sleep;

use crate::fixture::{BRIEF_LEASE, Backend, Fixture, answer, brief_claim, claim, outcome};

crate::suite!(sqlite, postgres => [
    many_open_at_once,
    a_newer_version_is_left_alone,
    old_answers_are_forgotten_and_young_ones_kept,
    a_clock_that_jumped_makes_nothing_old,
    a_claim_from_the_future_lapses_all_the_same,
    names_are_checked,
    without_its_table_a_claim_is_an_error,
    tables_of_other_names_are_apart,
    lookups_go_on_while_a_handler_writes,
]);

/// The store opened again, with these settings.
async fn open(fixture: &Fixture, settings: &Settings<'_>) -> Result<Box<dyn IdempotencyStore>, StoreError> {
    Ok(match &fixture.backend {
        Backend::Memory => unreachable!("it is not opened"),
        Backend::Sqlite { directory, .. } => {
            let options = SqliteStore::options(directory.path().join("game.db")).retention(settings.retention);
            Box::new(options.table(settings.table).open().await?)
        }
        Backend::Postgres { database, .. } => {
            let options = PostgresStore::options().retention(settings.retention).table(settings.table);
            let options = match settings.schema {
                Some(schema) => options.schema(schema),
                None => options,
            };
            Box::new(options.connect(database.url()).await?)
        }
    })
}

struct Settings<'a> {
    schema: Option<&'a str>,
    table: &'a str,
    retention: Duration,
}

const USUAL: Settings<'_> =
    Settings { schema: None, table: "aghanim_idempotency", retention: Duration::from_hours(100) };

/// And not a key that another attempt holds, which would be waited for.
async fn without_its_table_a_claim_is_an_error(fixture: Fixture) {
    fixture.execute("DROP TABLE aghanim_idempotency").await;
    fixture.one.claim(&claim("k")).await.unwrap_err();
    assert!(fixture.one.begin(&claim("k")).await.is_err());
}

async fn many_open_at_once(fixture: Fixture) {
    let settings = Settings { table: "fresh", ..USUAL };
    let open = || open(&fixture, &settings);
    let (a, b, c, d) = tokio::join!(open(), open(), open(), open());
    for store in [a, b, c, d] {
        let claim = claim("k");
        outcome(store.unwrap().begin(&claim).await.unwrap());
    }
    assert_eq!(fixture.number("SELECT count(*) FROM fresh_meta").await, 1);
}

async fn a_newer_version_is_left_alone(fixture: Fixture) {
    fixture.execute("UPDATE aghanim_idempotency_meta SET version = 99").await;
    let error = open(&fixture, &USUAL).await.unwrap_err().to_string();
    assert!(error.contains("newer version of aghanim-hooks (99)"), "{error}");
}

/// Makes every row this many hours older.
async fn age(fixture: &Fixture, hours: i64) {
    let sql = match &fixture.backend {
        Backend::Postgres { .. } => format!(
            "UPDATE aghanim_idempotency SET touched_at = touched_at - interval '{hours} hours', \
             lease_until = lease_until - interval '{hours} hours'"
        ),
        _ => format!(
            "UPDATE aghanim_idempotency SET touched_at = touched_at - {hours} * 3600000, \
             lease_until = lease_until - {hours} * 3600000"
        ),
    };
    fixture.execute(&sql).await;
}

/// Removes old answers, for certain.
async fn prune(fixture: &Fixture) {
    match &fixture.backend {
        Backend::Memory => unreachable!("it prunes by itself"),
        Backend::Sqlite { directory, .. } => {
            let options = SqliteStore::options(directory.path().join("game.db")).retention(USUAL.retention);
            options.open().await.unwrap().prune().await.unwrap();
        }
        Backend::Postgres { database, .. } => {
            let store = PostgresStore::options().retention(USUAL.retention).connect(database.url()).await.unwrap();
            let clock = "SELECT clock_seen FROM aghanim_idempotency_meta";
            let before = fixture.number(clock).await;
            // Does nothing while another instance prunes, as this store does by itself when it is opened.
            while fixture.number(clock).await <= before {
                store.prune().await.unwrap();
                sleep(Duration::from_millis(5)).await;
            }
        }
    }
}

async fn answered(fixture: &Fixture, name: &str) {
    fixture.begin(&claim(name)).await.commit(&answer(name)).await.unwrap();
}

async fn rows(fixture: &Fixture) -> i64 {
    fixture.number("SELECT count(*) FROM aghanim_idempotency").await
}

async fn old_answers_are_forgotten_and_young_ones_kept(fixture: Fixture) {
    // The clock has been looked at, as it is within a minute of any start.
    prune(&fixture).await;
    fixture.execute("UPDATE aghanim_idempotency_meta SET hold_until = 0").await;
    answered(&fixture, "old").await;
    assert_eq!(fixture.one.claim(&claim("given up")).await.unwrap(), Claimed::Mine(()));
    age(&fixture, 99).await;
    prune(&fixture).await;
    assert_eq!(rows(&fixture).await, 2, "within the retention");
    age(&fixture, 30).await;
    answered(&fixture, "young").await;
    prune(&fixture).await;
    assert_eq!(rows(&fixture).await, 1, "a retention and a quarter later");
    assert!(fixture.one.lookup(&claim("young").key).await.unwrap().is_some());
}

/// The same rows as in the test above, but it is the clock that makes them look old.
async fn a_clock_that_jumped_makes_nothing_old(fixture: Fixture) {
    prune(&fixture).await;
    answered(&fixture, "young").await;
    // First the clock, then the rows: a store that is just being closed may still look in between.
    let jump = "UPDATE aghanim_idempotency_meta SET clock_seen = clock_seen - 200 * 3600000, hold_until = 0";
    fixture.execute(jump).await;
    age(&fixture, 200).await;
    for _ in 0..2 {
        prune(&fixture).await;
        assert_eq!(rows(&fixture).await, 1);
    }
}

async fn a_claim_from_the_future_lapses_all_the_same(fixture: Fixture) {
    let dead = brief_claim("k");
    assert_eq!(fixture.one.claim(&dead).await.unwrap(), Claimed::Mine(()));
    age(&fixture, -1000).await;
    assert_eq!(fixture.other.claim(&claim("k")).await.unwrap(), Claimed::InFlight, "its age is not known");
    sleep(2 * BRIEF_LEASE).await;
    assert_eq!(fixture.other.claim(&claim("k")).await.unwrap(), Claimed::Mine(()));
}

async fn names_are_checked(fixture: Fixture) {
    for name in ["", "1st", "drop table effects", "a\"b", &"a".repeat(41)] {
        let error = open(&fixture, &Settings { table: name, ..USUAL }).await.unwrap_err().to_string();
        assert!(error.contains("can't be the name of a table"), "{error}");
    }
    if let Backend::Postgres { .. } = &fixture.backend {
        let error = open(&fixture, &Settings { schema: Some("a.b"), ..USUAL }).await.unwrap_err().to_string();
        assert!(error.contains("can't be the name of a schema"), "{error}");
    }
}

async fn tables_of_other_names_are_apart(fixture: Fixture) {
    let schema = matches!(fixture.backend, Backend::Postgres { .. }).then_some("hooks");
    let apart = open(&fixture, &Settings { schema, table: "apart", ..USUAL }).await.unwrap();
    assert_eq!(fixture.one.claim(&claim("k")).await.unwrap(), Claimed::Mine(()));
    assert_eq!(apart.claim(&claim("k")).await.unwrap(), Claimed::Mine(()));
    let table = if schema.is_some() { "hooks.apart" } else { "apart" };
    assert_eq!(fixture.number(&format!("SELECT count(*) FROM {table}")).await, 1);
}

/// A duplicate is answered even while a slow handler holds what it writes with.
async fn lookups_go_on_while_a_handler_writes(fixture: Fixture) {
    answered(&fixture, "done").await;
    let mut slow = fixture.begin(&claim("slow")).await;
    fixture.write(&mut *slow).await;
    let again = tokio::time::timeout(Duration::from_secs(3), fixture.one.begin(&claim("done"))).await;
    let again = outcome(again.expect("it does not wait for the handler").unwrap());
    assert!(matches!(again, Claimed::Answered(record) if record.answer == answer("done")));
    slow.commit(&answer("slow")).await.unwrap();
}

/// A handler's own `COMMIT` would keep its writes without the answer, and keep the others of its batch too early.
#[tokio::test]
async fn in_sqlite_only_the_store_commits() {
    let fixture = crate::fixture::sqlite().await.unwrap();
    let mut transaction = fixture.begin(&claim("k")).await;
    let mut lent = fixture.lent(&mut *transaction).await;
    lent.execute("INSERT INTO effects VALUES ('granted')").await.unwrap();
    lent.execute("COMMIT").await.unwrap_err();
    // The transaction is over: a further statement would be committed by itself.
    lent.execute("INSERT INTO effects VALUES ('alone')").await.unwrap_err();
    drop(lent);
    transaction.commit(&answer("first")).await.unwrap_err();
    assert_eq!(fixture.effects().await, 0);
    answered(&fixture, "k").await;
}

#[tokio::test]
async fn a_file_that_can_not_be_opened_is_named() {
    let error = SqliteStore::open("/nowhere/at/all/game.db").await.unwrap_err().to_string();
    assert!(error.contains("/nowhere/at/all/game.db"), "{error}");
}

#[tokio::test]
async fn what_is_no_file_is_refused() {
    let error = SqliteStore::open("sqlite://game.db").await.unwrap_err().to_string();
    assert!(error.contains("give the path of the file alone, `game.db`"), "{error}");
    let error = SqliteStore::open(":memory:").await.unwrap_err().to_string();
    assert!(error.contains("use a `MemoryStore`"), "{error}");
}

/// Other programs find a file in WAL mode whose commits reach the disk.
#[tokio::test]
async fn the_file_is_in_wal_mode() {
    let fixture = crate::fixture::sqlite().await.unwrap();
    let Backend::Sqlite { directory, .. } = &fixture.backend else { unreachable!() };
    let path: &Path = &directory.path().join("game.db");
    let pool = SqlitePool::connect(&path.display().to_string()).await.unwrap();
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&pool).await.unwrap();
    assert_eq!(mode, "wal");
}

/// An instance whose user may only read and write rows starts where the tables are there already.
#[tokio::test]
async fn no_right_to_make_tables_is_needed_where_they_are() {
    let Some(server) = server::server() else { return };
    let database = server.database().await;
    drop(PostgresStore::connect(database.url()).await.unwrap());
    let pool = sqlx::PgPool::connect(database.url()).await.unwrap();
    let role = format!("clerk_{}", std::process::id());
    for sql in [
        format!("CREATE ROLE {role} LOGIN"),
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC".to_owned(),
        format!("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"),
    ] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
    }
    let options: sqlx::postgres::PgConnectOptions = database.url().parse().unwrap();
    let clerk = sqlx::PgPool::connect_with(options.username(&role)).await.unwrap();
    let store = PostgresStore::options().pool(clerk.clone()).await.unwrap();
    assert_eq!(store.claim(&claim("k")).await.unwrap(), Claimed::Mine(()));
    drop(store);
    clerk.close().await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP OWNED BY {role}; DROP ROLE {role}"))).execute(&pool).await.unwrap();
}

#[tokio::test]
async fn memory_is_bounded_and_forgets() {
    let store = MemoryStore::new().capacity(2);
    for name in ["1", "2", "3"] {
        let claim = claim(name);
        assert_eq!(store.claim(&claim).await.unwrap(), Claimed::Mine(()));
        assert!(store.complete(&claim, &answer(name)).await.unwrap());
    }
    assert_eq!(store.lookup(&claim("1").key).await.unwrap(), None, "the oldest goes first");
    for name in ["2", "3"] {
        let again = claim(name);
        let record = Record::new(again.fingerprint, answer(name));
        assert_eq!(store.lookup(&again.key).await.unwrap().as_ref(), Some(&record), "each has its own answer");
        assert_eq!(store.claim(&again).await.unwrap(), Claimed::Answered(record));
    }

    let full = MemoryStore::new().capacity(1);
    assert_eq!(full.claim(&brief_claim("1")).await.unwrap(), Claimed::Mine(()));
    let error = full.claim(&claim("2")).await.unwrap_err().to_string();
    assert!(error.contains("MemoryStore::capacity"), "{error}");
    sleep(2 * BRIEF_LEASE).await;
    assert_eq!(full.claim(&claim("2")).await.unwrap(), Claimed::Mine(()), "a lapsed claim makes room");

    let brief = MemoryStore::new().retention(Duration::from_millis(50));
    let first = claim("1");
    assert_eq!(brief.claim(&first).await.unwrap(), Claimed::Mine(()));
    assert!(brief.complete(&first, &answer("1")).await.unwrap());
    sleep(Duration::from_millis(100)).await;
    assert_eq!(brief.claim(&claim("1")).await.unwrap(), Claimed::Mine(()));
}
