//! Deliveries from the receiver through the database to the worker, on both databases.

use std::time::Duration;

use crate::databases::{on_both, postgres, sqlite};
use crate::shop::{Act, Base, Shop, created, moved, paid};
use aghanim_hooks_river::{Deliveries, Reason};
use sqlx::{Pool, Sqlite};

on_both!(an_event_is_acknowledged_first_and_worked_once);
async fn an_event_is_acknowledged_first_and_worked_once<Db: Base>(pool: Pool<Db>) {
    let shop = Shop::open(pool).await;
    for _ in 0..3 {
        shop.pay("o-1").await;
    }
    assert_eq!((shop.jobs("available").await, shop.bookings("o-1").await), (1, 0));
    let worker = shop.worker().await;
    shop.done().await;
    shop.pay("o-1").await;
    shop.done().await;
    assert_eq!((shop.bookings("o-1").await, shop.game.calls("o-1").len()), (1, 1));
    let attempt = shop.game.calls("o-1")[0];
    assert_eq!((attempt.number, attempt.of, attempt.replay), (1, 3, false));
    assert_eq!(attempt.timeout, Duration::from_millis(900));
    worker.stop().await.unwrap();
}

on_both!(without_a_key_each_delivery_is_a_job);
async fn without_a_key_each_delivery_is_a_job<Db: Base>(pool: Pool<Db>) {
    let shop = Shop::open(pool).await;
    let body = moved("p-1", 1, 100).replace("idempotency_key", "no_key");
    for _ in 0..2 {
        assert_eq!(shop.send(&body).await.status, 200);
    }
    assert_eq!(shop.jobs("available").await, 2);
    // For a purchase, the event id replaces the key.
    let body = paid("o-1").replace("idempotency_key", "no_key");
    for _ in 0..2 {
        assert_eq!(shop.send(&body).await.status, 200);
    }
    assert_eq!(shop.jobs("available").await, 3);
}

on_both!(what_cannot_be_read_is_refused_before_it_is_a_job);
async fn what_cannot_be_read_is_refused_before_it_is_a_job<Db: Base>(pool: Pool<Db>) {
    let shop = Shop::open(pool).await;
    let response = shop.send(r#"{"event_type":"order.paid","idempotency_key":"k","event_data":{"id":7}}"#).await;
    assert_eq!((response.status, shop.jobs("%").await), (400, 0));
}

on_both!(failures_are_undone_and_tried_again);
async fn failures_are_undone_and_tried_again<Db: Base>(pool: Pool<Db>) {
    let shop = Shop::open(pool).await;
    shop.game.plan("fails", &[Act::Fail, Act::Fail]);
    shop.game.plan("panics", &[Act::Panic]);
    shop.game.plan("hangs", &[Act::Hang]);
    let worker = shop.worker().await;
    for id in ["fails", "panics", "hangs"] {
        shop.pay(id).await;
        // One after the other: on SQLite, the one that hangs would hold up the others until their timeouts.
        shop.done().await;
    }
    for (id, calls) in [("fails", 3), ("panics", 2), ("hangs", 2)] {
        assert_eq!((shop.bookings(id).await, shop.game.calls(id).len()), (1, calls), "{id}");
    }
    assert_eq!(shop.river.depth().await.unwrap().dead, 0);
    worker.stop().await.unwrap();
}

on_both!(a_refusal_is_a_dead_letter_at_once);
async fn a_refusal_is_a_dead_letter_at_once<Db: Base>(pool: Pool<Db>) {
    let shop = Shop::open(pool).await;
    shop.game.plan("o-1", &[Act::Refuse]);
    let worker = shop.worker().await;
    shop.pay("o-1").await;
    shop.done().await;
    assert_eq!((shop.bookings("o-1").await, shop.game.calls("o-1").len()), (0, 1));
    let [letter] = &shop.river.dead_letters().list(10).await.unwrap()[..] else { panic!("one dead letter") };
    let reason = Reason::Refused { code: "declined".to_owned(), message: "no such shop".to_owned() };
    assert_eq!(
        (&letter.reason, &*letter.event_type, letter.event_id.as_deref()),
        (&reason, "order.paid", Some("e-o-1"))
    );
    assert_eq!((&*letter.body, &*letter.queue, letter.attempts), (&*paid("o-1"), "orders", 1));
    worker.stop().await.unwrap();
}

on_both!(the_last_attempt_leaves_a_dead_letter_that_can_be_retried);
async fn the_last_attempt_leaves_a_dead_letter_that_can_be_retried<Db: Base>(pool: Pool<Db>) {
    let shop = Shop::open(pool).await;
    shop.game.plan("o-1", &[Act::Panic, Act::Hang, Act::Fail, Act::Fail]);
    let worker = shop.worker().await;
    shop.pay("o-1").await;
    shop.done().await;
    let dead = shop.river.dead_letters();
    let [letter] = &dead.list(10).await.unwrap()[..] else { panic!("one dead letter") };
    assert_eq!(letter.reason, Reason::Exhausted { last: "the ledger is closed".to_owned() });
    let errors: Vec<_> = letter.failures.iter().map(|failure| (failure.attempt, &*failure.error)).collect();
    let expected = [
        (1, "the handler panicked: the ledger is upside down"),
        (2, "not done within 900ms"),
        (3, "the ledger is closed"),
    ];
    assert_eq!(errors, expected);
    assert_eq!((shop.bookings("o-1").await, letter.replayed), (0, false));

    // One more attempt, which fails too; then one that succeeds.
    assert!(dead.retry(letter.id).await.unwrap());
    shop.done().await;
    let again = dead.show(letter.id).await.unwrap().expect("it died again");
    assert!(again.replayed && again.failures.len() == 4, "{again:?}");
    assert!(dead.retry(letter.id).await.unwrap());
    shop.done().await;
    assert_eq!(shop.bookings("o-1").await, 1);
    let calls = shop.game.calls("o-1");
    assert_eq!(calls.iter().map(|call| call.replay).collect::<Vec<_>>(), [false, false, false, true, true]);

    // It is no dead letter any more.
    assert!(dead.show(letter.id).await.unwrap().is_none());
    assert!(!dead.retry(letter.id).await.unwrap() && !dead.drop(letter.id).await.unwrap());
    worker.stop().await.unwrap();
}

on_both!(a_dead_letter_can_be_dropped);
async fn a_dead_letter_can_be_dropped<Db: Base>(pool: Pool<Db>) {
    let shop = Shop::open(pool).await;
    shop.game.plan("o-1", &[Act::Refuse]);
    let worker = shop.worker().await;
    shop.pay("o-1").await;
    shop.done().await;
    let id = shop.river.dead_letters().list(10).await.unwrap()[0].id;
    assert!(shop.river.dead_letters().drop(id).await.unwrap());
    assert!(!shop.river.dead_letters().drop(id).await.unwrap());
    assert_eq!(shop.jobs("%").await, 0);
    worker.stop().await.unwrap();
}

on_both!(an_engine_in_trouble_is_a_503_and_nothing_is_kept);
async fn an_engine_in_trouble_is_a_503_and_nothing_is_kept<Db: Base>(pool: Pool<Db>) {
    let shop = Shop::open(pool).await;
    let (jobs, away) = (Db::river("river_job"), "river_job_away");
    Db::execute(&shop.pool, format!("ALTER TABLE {jobs} RENAME TO {away}")).await.unwrap();
    let response = shop.send(&paid("o-1")).await;
    assert_eq!((response.status, response.header("retry-after")), (503, Some("1")), "{response:?}");
    let kept = Db::number(&shop.pool, "SELECT count(*) FROM aghanim_idempotency".to_owned()).await.unwrap();
    assert_eq!(kept, 0);
    Db::execute(&shop.pool, format!("ALTER TABLE {} RENAME TO river_job", Db::river(away))).await.unwrap();
    shop.pay("o-1").await;
    assert_eq!(shop.jobs("available").await, 1);
}

on_both!(an_older_event_does_not_overwrite_a_newer_one);
async fn an_older_event_does_not_overwrite_a_newer_one<Db: Base>(pool: Pool<Db>) {
    let shop = Shop::open(pool).await;
    let worker = shop.worker().await;
    for (id, place, time) in [("p-1", 1, 100), ("p-1", 3, 300), ("p-1", 2, 200), ("p-2", 2, 200), ("p-1", 4, 300)] {
        assert_eq!(shop.send(&moved(id, place, time)).await.status, 200);
        shop.done().await;
    }
    assert_eq!((shop.bookings("p-1").await, shop.bookings("p-2").await), (3, 1));
    assert!(shop.game.calls("p-1@2").is_empty());
    worker.stop().await.unwrap();
}

on_both!(a_failed_event_does_not_hold_back_older_ones);
async fn a_failed_event_does_not_hold_back_older_ones<Db: Base>(pool: Pool<Db>) {
    let shop = Shop::open(pool).await;
    shop.game.plan("p-1@9", &[Act::Refuse]);
    let worker = shop.worker().await;
    for (place, time) in [(9, 900), (1, 100)] {
        assert_eq!(shop.send(&moved("p-1", place, time)).await.status, 200);
        shop.done().await;
    }
    assert_eq!(shop.game.calls("p-1@1").len(), 1, "its time was undone with it");
    worker.stop().await.unwrap();
}

on_both!(without_a_transaction_the_job_is_completed_afterwards);
async fn without_a_transaction_the_job_is_completed_afterwards<Db: Base>(pool: Pool<Db>) {
    let shop = Shop::open(pool).await;
    shop.game.plan("o-1", &[Act::Fail]);
    let worker = shop.worker().await;
    assert_eq!(shop.send(&created("o-1")).await.status, 200);
    shop.done().await;
    assert_eq!((shop.game.calls("o-1").len(), shop.jobs("completed").await), (2, 1));
    worker.stop().await.unwrap();
}

/// SQLite has one writer, so a transaction of the worker would hold up this write until the attempt has timed out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_tx_no_transaction_is_open_while_the_handler_runs() {
    let directory = tempfile::TempDir::new().unwrap();
    let shop = Shop::open(sqlite(&directory).await).await;
    shop.game.plan("o-1", &[Act::Hang]);
    let worker = shop.worker().await;
    assert_eq!(shop.send(&created("o-1")).await.status, 200);
    while shop.game.calls("o-1").is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let write = "INSERT INTO bookings (order_id, amount) VALUES ('o-2', 1)";
    Sqlite::execute(&shop.pool, write.to_owned()).await.unwrap();
    assert_eq!((shop.game.calls("o-1").len(), shop.jobs("running").await), (1, 1));
    worker.stop().await.unwrap();
}

on_both!(a_range_is_replayed_by_event_and_time);
async fn a_range_is_replayed_by_event_and_time<Db: Base>(pool: Pool<Db>) {
    let shop = Shop::open(pool).await;
    shop.game.plan("dead", &[Act::Refuse]);
    let worker = shop.worker().await;
    for id in ["o-1", "dead"] {
        shop.pay(id).await;
    }
    assert_eq!(shop.send(&created("other")).await.status, 200);
    shop.done().await;

    let replayed = shop.river.replay(&Deliveries::dead()).await.unwrap();
    assert!(replayed.len() == 1 && replayed[0].of == replayed[0].by, "{replayed:?}");
    shop.done().await;
    assert_eq!(shop.bookings("dead").await, 1);

    let now = std::time::SystemTime::now();
    let none = Deliveries::ended().since(now + Duration::from_mins(1));
    assert_eq!(shop.river.replay(&none).await.unwrap(), []);
    let range = Deliveries::completed().event("order.paid").until(now + Duration::from_mins(1));
    let replayed = shop.river.replay(&range).await.unwrap();
    assert!(replayed.len() == 2 && replayed.iter().all(|one| one.of != one.by), "{replayed:?}");
    shop.done().await;
    assert_eq!((shop.bookings("o-1").await, shop.bookings("dead").await), (2, 2));
    assert_eq!(shop.game.calls("o-1").iter().map(|call| call.replay).collect::<Vec<_>>(), [false, true]);
    assert_eq!(shop.game.calls("other").len(), 1);
    worker.stop().await.unwrap();
}

on_both!(a_worker_that_is_stopped_finishes_and_one_that_is_dropped_gives_back);
async fn a_worker_that_is_stopped_finishes_and_one_that_is_dropped_gives_back<Db: Base>(pool: Pool<Db>) {
    let shop = Shop::open(pool).await;
    shop.game.plan("o-1", &[Act::Hang]);
    let worker = shop.worker().await;
    shop.pay("o-1").await;
    while shop.game.calls("o-1").is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(worker);
    let worker = shop.worker().await;
    shop.done().await;
    // The attempt that was broken off does not count.
    let numbers: Vec<_> = shop.game.calls("o-1").iter().map(|call| call.number).collect();
    assert_eq!((numbers, shop.bookings("o-1").await), (vec![1, 1], 1));

    shop.game.plan("o-2", &[Act::Block(300)]);
    shop.pay("o-2").await;
    while shop.game.calls("o-2").is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    worker.stop().await.unwrap();
    assert_eq!((shop.bookings("o-2").await, shop.jobs("completed").await), (1, 2));
}
