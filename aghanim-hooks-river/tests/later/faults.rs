//! Workers that die, stall or lose their job, on both databases: an effect through a `Tx` happens once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::databases::{on_both, postgres, sqlite};
use crate::shop::{Act, Base, Shop, paid, quick, secret};
use aghanim_hooks::Webhooks;
use aghanim_hooks::idempotency::{
    BoxFuture, Claim, Claimed, IdempotencyStore, Key, PlainTransaction, Record, StoreError, StoredAnswer, Transaction,
};
use sqlx::Pool;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

/// A store in which the next attempt of a worker stalls before its transaction.
#[derive(Debug)]
struct Stalling<S> {
    store: S,
    stall: AtomicBool,
    stalled: Notify,
    go_on: Notify,
}

impl<S: IdempotencyStore> Stalling<S> {
    fn new(store: S) -> Self {
        Self { store, stall: AtomicBool::new(true), stalled: Notify::new(), go_on: Notify::new() }
    }
}

impl<S: IdempotencyStore> IdempotencyStore for Stalling<S> {
    fn retention(&self) -> Duration {
        self.store.retention()
    }

    fn lookup<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Record>, StoreError>> {
        self.store.lookup(key)
    }

    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, StoreError>> {
        self.store.claim(claim)
    }

    fn complete<'a>(&'a self, claim: &'a Claim, answer: &'a StoredAnswer) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.store.complete(claim, answer)
    }

    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.release(claim)
    }

    fn transactions(&self) -> Option<&'static str> {
        self.store.transactions()
    }

    fn begin<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed<Box<dyn Transaction>>, StoreError>> {
        self.store.begin(claim)
    }

    fn open(&self) -> BoxFuture<'_, Result<Box<dyn PlainTransaction>, StoreError>> {
        Box::pin(async {
            if self.stall.swap(false, Ordering::SeqCst) {
                self.stalled.notify_one();
                self.go_on.notified().await;
            }
            self.store.open().await
        })
    }
}

/// Changes a job while the worker that has fetched it stalls.
async fn while_a_worker_stalls<Db: Base>(pool: Pool<Db>, change: &str) -> Shop<Db> {
    let store = Arc::new(Stalling::new(Db::store(&pool).await));
    let shop = Shop::with_store(pool, Arc::clone(&store)).await;
    let worker = shop.worker().await;
    shop.pay("o-1").await;
    store.stalled.notified().await;
    let change = format!("UPDATE {} SET {change}", Db::river("river_job"));
    assert_eq!(Db::execute(&shop.pool, change).await.unwrap(), 1);
    store.go_on.notify_one();
    shop.done().await;
    worker.stop().await.unwrap();
    shop
}

on_both!(a_stale_worker_does_not_work_what_another_completed);
async fn a_stale_worker_does_not_work_what_another_completed<Db: Base>(pool: Pool<Db>) {
    let change = "state = 'completed', attempt = 2, finalized_at = CURRENT_TIMESTAMP";
    let shop = while_a_worker_stalls(pool, change).await;
    assert_eq!((shop.bookings("o-1").await, shop.game.calls("o-1").len()), (0, 0));
    assert_eq!(shop.jobs("completed").await, 1);
}

on_both!(a_stale_worker_does_not_complete_what_another_is_working);
async fn a_stale_worker_does_not_complete_what_another_is_working<Db: Base>(pool: Pool<Db>) {
    let shop = while_a_worker_stalls(pool, "attempt = 2").await;
    // The first attempt called no handler. The job is worked once more instead.
    let numbers: Vec<_> = shop.game.calls("o-1").iter().map(|call| call.number).collect();
    assert_eq!((shop.bookings("o-1").await, numbers), (1, vec![3]));
}

on_both!(the_job_of_a_dead_worker_is_given_to_another);
async fn the_job_of_a_dead_worker_is_given_to_another<Db: Base>(pool: Pool<Db>) {
    let shop = Shop::open(pool).await;
    shop.game.plan("o-1", &[Act::Hang]);
    shop.pay("o-1").await;

    // A worker on a runtime and connections of its own, which end together.
    let doomed = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (own, game) = (Db::again(&shop.pool).await, shop.game.clone());
    let _worker = doomed
        .spawn(async move {
            let store = Db::store(&own).await;
            let hooks = Webhooks::new(secret(), Db::handlers(true)).idempotency(store).later(quick(&own));
            hooks.worker_with(game).start().await.unwrap()
        })
        .await
        .unwrap();
    while shop.game.calls("o-1").is_empty() {
        sleep(Duration::from_millis(5)).await;
    }
    doomed.shutdown_background();
    let died = Instant::now();
    let worker = shop.worker().await;
    shop.done().await;
    let numbers: Vec<_> = shop.game.calls("o-1").iter().map(|call| call.number).collect();
    assert_eq!((shop.bookings("o-1").await, numbers), (1, vec![1, 2]));
    // 2.3 s, and up to 15 s until the dead leader's lease ends.
    assert!(died.elapsed() < Duration::from_secs(25), "{:?}", died.elapsed());
    worker.stop().await.unwrap();
}

on_both!(a_handler_that_blocks_past_its_timeout_has_one_effect);
async fn a_handler_that_blocks_past_its_timeout_has_one_effect<Db: Base>(pool: Pool<Db>) {
    let shop = Shop::open(pool).await;
    shop.game.plan("o-1", &[Act::Block(4000)]);
    let workers = [shop.worker().await, shop.worker().await];
    shop.pay("o-1").await;
    shop.done().await;
    sleep(Duration::from_millis(500)).await;
    assert_eq!(shop.bookings("o-1").await, 1);
    for worker in workers {
        worker.stop().await.unwrap();
    }
    assert_eq!((shop.bookings("o-1").await, shop.jobs("completed").await), (1, 1));
}

on_both!(several_workers_share_the_jobs);
async fn several_workers_share_the_jobs<Db: Base>(pool: Pool<Db>) {
    let shop = Shop::open(pool).await;
    let workers = [shop.worker().await, shop.worker().await, shop.worker().await];
    let ids: Vec<_> = (0..40).map(|n| format!("o-{n}")).collect();
    let bodies: Vec<_> = ids.iter().map(|id| paid(id)).collect();
    futures_util::future::join_all(bodies.iter().chain(&bodies).map(|body| shop.send(body))).await;
    shop.done().await;
    for id in &ids {
        assert_eq!((shop.bookings(id).await, shop.game.calls(id).len()), (1, 1), "{id}");
    }
    for worker in workers {
        worker.stop().await.unwrap();
    }
}

on_both!(a_job_of_another_kind_is_left_alone);
async fn a_job_of_another_kind_is_left_alone<Db: Base>(pool: Pool<Db>) {
    let shop = Shop::open(pool).await;
    let table = Db::river("river_job");
    let foreign = format!("INSERT INTO {table} (args, kind, max_attempts) VALUES ('{{}}', 'foreign', 3)");
    Db::execute(&shop.pool, foreign).await.unwrap();
    let worker = shop.worker().await;
    shop.pay("o-1").await;
    shop.done().await;
    let foreign = format!("SELECT count(*) FROM {table} WHERE kind = 'foreign' AND attempt = 0");
    assert_eq!(Db::number(&shop.pool, foreign).await.unwrap(), 1);
    assert_eq!(shop.jobs("available").await, 1);
    worker.stop().await.unwrap();
}

on_both!(an_event_waits_for_a_worker_that_has_its_handler);
async fn an_event_waits_for_a_worker_that_has_its_handler<Db: Base>(pool: Pool<Db>) {
    let shop = Shop::open(pool).await;
    let store = Db::store(&shop.pool).await;
    let old = Webhooks::new(secret(), Db::handlers(false)).idempotency(store).later(quick(&shop.pool));
    let old = old.worker_with(shop.game.clone()).start().await.unwrap();
    let body = r#"{"event_type":"parcel.lost","idempotency_key":"k","event_data":{"id":"p-1","place":0}}"#;
    assert_eq!(shop.send(body).await.status, 200);
    sleep(Duration::from_millis(400)).await;
    assert_eq!((shop.game.calls("p-1").len(), shop.jobs("completed").await), (0, 0));
    let new = shop.worker().await;
    shop.done().await;
    assert_eq!((shop.game.calls("p-1").len(), shop.jobs("completed").await), (1, 1));
    old.stop().await.unwrap();
    new.stop().await.unwrap();
}

/// Another process holds SQLite's one write lock most of the time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_writer_on_sqlite_slows_and_does_not_lose() {
    let directory = tempfile::TempDir::new().unwrap();
    let shop = Shop::open(sqlite(&directory).await).await;
    let other = sqlite(&directory).await;
    let stop = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn({
        let stop = Arc::clone(&stop);
        async move {
            while !stop.load(Ordering::Relaxed) {
                let tx = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
                sleep(Duration::from_millis(150)).await;
                tx.rollback().await.unwrap();
                sleep(Duration::from_millis(30)).await;
            }
        }
    });
    let worker = shop.worker().await;
    let ids: Vec<_> = (0..20).map(|n| format!("o-{n}")).collect();
    for id in &ids {
        while shop.send(&paid(id)).await.status == 503 {
            sleep(Duration::from_millis(20)).await;
        }
    }
    shop.done().await;
    for id in &ids {
        assert_eq!(shop.bookings(id).await, 1, "{id}");
    }
    stop.store(true, Ordering::Relaxed);
    writer.await.unwrap();
    worker.stop().await.unwrap();
}
