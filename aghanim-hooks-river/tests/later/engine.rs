//! The engine alone, on both databases: a job is part of the caller's transaction, and its body is not changed.

use crate::databases::{on_both, postgres, sqlite};
use aghanim_hooks::later::{Engine, Job};
use aghanim_hooks_river::{Backend, River};
use sqlx::Pool;

/// Keys out of order and twice, numbers that `jsonb` would rewrite, an escaped NUL.
const BODY: &str =
    r#"{"b":1.50,"a":1e2,"a":2,"event_type":"order.paid","name":"\u0000 \"ü\"","big":123456789012345678901234567890}"#;

on_both!(a_job_commits_with_its_transaction);
async fn a_job_commits_with_its_transaction<Db: Backend>(pool: Pool<Db>) {
    let river = River::new(pool.clone()).migrate().await.unwrap();
    let job = Job::new("order.paid", BODY);

    let mut tx = Db::begin(&pool).await.unwrap();
    river.enqueue(&mut tx, &job).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(river.depth().await.unwrap().waiting, 0);

    let mut tx = Db::begin(&pool).await.unwrap();
    river.enqueue(&mut tx, &job).await.unwrap();
    tx.commit().await.unwrap();
    let depth = river.depth().await.unwrap();
    assert_eq!((depth.waiting, depth.running, depth.retrying, depth.dead), (1, 0, 0, 0));
    assert!(depth.oldest.as_secs() < 60, "{depth:?}");
}

on_both!(tables_are_made_by_one_instance_of_many);
async fn tables_are_made_by_one_instance_of_many<Db: Backend>(pool: Pool<Db>) {
    let instances: Vec<_> = (0..4).map(|_| tokio::spawn(River::new(pool.clone()).migrate())).collect();
    for instance in instances {
        instance.await.unwrap().unwrap();
    }
    River::new(pool).migrate().await.unwrap();
}

on_both!(a_later_time_is_never_overwritten);
async fn a_later_time_is_never_overwritten<Db: Backend>(pool: Pool<Db>) {
    let river = River::new(pool.clone()).migrate().await.unwrap();
    for (entity, time, newest) in [("a", 5, true), ("a", 4, false), ("a", 5, true), ("b", 4, true), ("a", 6, true)] {
        let mut tx = Db::begin(&pool).await.unwrap();
        assert_eq!(river.advance(&mut tx, entity, time).await.unwrap(), newest, "{entity} {time}");
        tx.commit().await.unwrap();
    }
    // A time that was rolled back does not count.
    let mut tx = Db::begin(&pool).await.unwrap();
    assert!(river.advance(&mut tx, "a", 9).await.unwrap());
    tx.rollback().await.unwrap();
    let mut tx = Db::begin(&pool).await.unwrap();
    assert!(river.advance(&mut tx, "a", 7).await.unwrap());
    tx.rollback().await.unwrap();
}

#[tokio::test]
async fn without_tables_a_job_is_an_error_in_words() {
    let directory = tempfile::TempDir::new().unwrap();
    let pool = sqlite(&directory).await;
    let river = River::new(pool.clone());
    let mut tx = pool.begin().await.unwrap();
    let error = river.enqueue(&mut tx, &Job::new("order.paid", BODY)).await.unwrap_err();
    assert!(error.to_string().contains("river_job"), "{error}");
}

#[tokio::test]
async fn sqlite_has_no_schema_to_set() {
    let directory = tempfile::TempDir::new().unwrap();
    let pool = sqlite(&directory).await;
    let river = River::new(pool.clone()).schema("jobs");
    let mut tx = pool.begin().await.unwrap();
    let error = river.enqueue(&mut tx, &Job::new("order.paid", BODY)).await.unwrap_err();
    assert!(error.to_string().contains("remove `.schema(\"jobs\")`"), "{error}");
}

#[tokio::test]
async fn a_schema_of_ones_own_is_used() {
    let Some((_database, pool)) = postgres().await else { return };
    let river = River::new(pool.clone()).schema("Jobs of shop").migrate().await.unwrap();
    let mut tx = pool.begin().await.unwrap();
    river.enqueue(&mut tx, &Job::new("order.paid", BODY)).await.unwrap();
    tx.commit().await.unwrap();
    let count: i64 =
        sqlx::query_scalar("SELECT count(*) FROM \"Jobs of shop\".river_job").fetch_one(&pool).await.unwrap();
    assert_eq!(count, 1);
}
