//! Settings that don't fit each other are found when the endpoint is mounted, and say which one to change.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use aghanim_hooks::events::{ItemAdd, ItemRemove, Order};
use aghanim_hooks::idempotency::{MemoryStore, Postgres, Sqlite, SqliteStore, Tx};
use aghanim_hooks::signature::Tolerance;
use aghanim_hooks::{ConfigError, Secret, Webhooks, webhook, webhooks};
use axum::Router;
use axum::routing::post;

#[webhook("item.add")]
async fn plain(_event: ItemAdd) {}

#[webhook("item.remove")]
async fn in_sqlite(_tx: Tx<Sqlite>, _event: ItemRemove) {}

#[webhook("item.remove")]
async fn in_postgres(_tx: Tx<Postgres>, _event: ItemRemove) {}

fn secret() -> Secret {
    Secret::new("whsec_4f1c9d0a77b2e8d6").unwrap()
}

fn hooks() -> Webhooks {
    Webhooks::new(secret(), webhooks![plain])
}

fn refused(hooks: &Webhooks) -> String {
    hooks.check().unwrap_err().to_string()
}

#[test]
fn what_fits() {
    hooks().check().unwrap();
    hooks().idempotency(MemoryStore::new()).check().unwrap();
    hooks()
        .idempotency(MemoryStore::new())
        .require_key("item.add")
        .require_key("item.*")
        .require_key("*")
        .check()
        .unwrap();
    let day = Tolerance { past: Duration::from_hours(24), ..Tolerance::default() };
    let store = MemoryStore::new().retention(Duration::from_hours(24) + Duration::from_mins(5));
    hooks().idempotency(store).tolerance(day).check().unwrap();
    let ever = Tolerance { past: Duration::MAX, ..Tolerance::default() };
    hooks().tolerance(ever).idempotency(MemoryStore::new().retention(Duration::MAX)).check().unwrap();
}

#[test]
fn a_retention_shorter_than_the_time_window() {
    let error = refused(&hooks().idempotency(MemoryStore::new().retention(Duration::from_hours(1))));
    for part in ["after 3600 s", "accepted for 259500 s", "`retention` to at least `Duration::from_secs(259500)`"] {
        assert!(error.contains(part), "{error}");
    }
    assert!(error.contains("together, to at most `Duration::from_secs(3600)`"), "{error}");

    // Signed as far ahead as it may be, a request is accepted for both parts of the window.
    let day = Tolerance { past: Duration::from_hours(24), ..Tolerance::default() };
    refused(&hooks().idempotency(MemoryStore::new().retention(Duration::from_hours(24))).tolerance(day));
    let ahead = Tolerance { past: Duration::from_hours(1), future: Duration::MAX };
    refused(&hooks().idempotency(MemoryStore::new()).tolerance(ahead));

    let ever = Tolerance { past: Duration::MAX, ..Tolerance::default() };
    let error = refused(&hooks().idempotency(MemoryStore::new()).tolerance(ever));
    assert!(error.contains("`retention(Duration::MAX)` keeps answers for ever"), "{error}");
}

#[tokio::test]
async fn a_transaction_without_its_store() {
    let none: Webhooks = Webhooks::new(secret(), webhooks![plain, in_sqlite]);
    let error = refused(&none);
    assert!(error.contains("`in_sqlite` takes a `Tx` of SQLite") && error.contains("SqliteStore::open"), "{error}");

    let memory: Webhooks = Webhooks::new(secret(), webhooks![in_postgres]).idempotency(MemoryStore::new());
    let error = refused(&memory);
    assert!(error.contains("no transactions") && error.contains("PostgresStore::connect"), "{error}");

    let directory = tempfile::tempdir().unwrap();
    let sqlite = || SqliteStore::open(directory.path().join("game.db"));
    let other: Webhooks = Webhooks::new(secret(), webhooks![in_postgres]).idempotency(sqlite().await.unwrap());
    let error = refused(&other);
    assert!(error.contains("`Tx` of PostgreSQL") && error.contains("store is on SQLite"), "{error}");

    let right: Webhooks = Webhooks::new(secret(), webhooks![in_sqlite]).idempotency(sqlite().await.unwrap());
    right.check().unwrap();
}

#[test]
fn a_later_handler_without_an_engine() {
    #[webhook("order.paid", later)]
    async fn later(_order: Order) {}

    let hooks: Webhooks = Webhooks::new(secret(), webhooks![later]).idempotency(MemoryStore::new());
    assert_eq!(hooks.check(), Err(ConfigError::NoEngine { handler: "later" }));
}

#[test]
fn a_required_key_that_nobody_would_use() {
    let error = refused(&hooks().require_key("item.add"));
    assert!(error.contains("add a store with `.idempotency(…)`"), "{error}");
    let error = refused(&hooks().idempotency(MemoryStore::new()).require_key("item.ad"));
    assert!(error.contains("no handler takes `item.ad`") && error.contains("did you mean `item.add`?"), "{error}");
}

/// Before anything is served.
#[test]
fn mounting_panics_with_the_same_text() {
    type Mount = fn(Webhooks);

    let wrong = || -> Webhooks { Webhooks::new(secret(), webhooks![in_sqlite]) };
    let expected = ConfigError::NoStore { handler: "in_sqlite", database: "SQLite" };
    assert_eq!(wrong().check(), Err(expected.clone()));
    let mounts: [(&str, Mount); 2] = [
        ("post", |hooks| drop(Router::<()>::new().route("/webhook", post(hooks)))),
        ("on an existing route", |hooks| {
            drop(Router::<()>::new().route("/webhook", axum::routing::get(|| async {}).post(hooks)));
        }),
    ];
    for (how, mount) in mounts {
        let panic = catch_unwind(AssertUnwindSafe(|| mount(wrong()))).expect_err(how);
        let said = panic.downcast_ref::<String>().expect("a formatted message");
        assert_eq!(*said, expected.to_string(), "{how}");
    }
}
