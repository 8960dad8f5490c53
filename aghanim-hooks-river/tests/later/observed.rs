//! The reports of deferred work to an observer, to the metrics and to operators.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::databases::{on_both, postgres, sqlite};
use crate::shop::{Act, Base, Shop, created, quick, secret};
use aghanim_hooks::Webhooks;
use aghanim_hooks::observer::{AttemptReport, Metrics, Observer, Report};
use aghanim_hooks_tests::recorder;
use sqlx::Pool;
use tokio::time::sleep;

/// Writes down what it is told.
#[derive(Default)]
struct Notebook {
    attempts: Mutex<Vec<(String, u32, &'static str, bool)>>,
    traces: Mutex<Vec<Option<String>>>,
    ages: Mutex<Vec<Duration>>,
}

impl Observer for Notebook {
    fn delivery(&self, _: &Report<'_>) {}

    fn attempt(&self, report: &AttemptReport<'_>) {
        assert_eq!((report.event, report.event_type), ("order.paid", "order.paid"));
        assert_eq!(report.attempt.of, 3);
        let seen = (report.event_id.to_owned(), report.attempt.number, report.label(), report.is_dead_letter());
        self.attempts.lock().unwrap().push(seen);
        self.ages.lock().unwrap().push(report.age.expect("River keeps the time of the delivery"));
    }

    fn trace(&self, _: &tracing::Span) -> Option<String> {
        Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned())
    }

    fn attempt_begins(&self, trace: Option<&str>, _: &tracing::Span) {
        self.traces.lock().unwrap().push(trace.map(str::to_owned));
    }
}

on_both!(each_attempt_is_reported_with_its_outcome);
async fn each_attempt_is_reported_with_its_outcome<Db: Base>(pool: Pool<Db>) {
    let notebook = Arc::new(Notebook::default());
    let seen = Arc::clone(&notebook);
    let shop = Shop::with_settings(pool, |hooks| hooks.observer(seen)).await;
    shop.game.plan("fails", &[Act::Fail]);
    shop.game.plan("dies", &[Act::Fail, Act::Panic, Act::Hang]);
    shop.game.plan("refuses", &[Act::Refuse]);
    let worker = shop.worker().await;
    for id in ["works", "fails", "dies", "refuses"] {
        shop.pay(id).await;
        shop.done().await;
    }
    worker.stop().await.unwrap();
    let attempt = |id: &str, number, outcome, dead| (format!("e-{id}"), number, outcome, dead);
    assert_eq!(
        *notebook.attempts.lock().unwrap(),
        [
            attempt("works", 1, "completed", false),
            attempt("fails", 1, "failed", false),
            attempt("fails", 2, "completed", false),
            attempt("dies", 1, "failed", false),
            attempt("dies", 2, "failed", false),
            attempt("dies", 3, "failed", true),
            attempt("refuses", 1, "refused", true),
        ]
    );
    // Each attempt gets the trace of its delivery.
    let traces = notebook.traces.lock().unwrap();
    assert_eq!(traces.len(), 7);
    assert!(
        traces.iter().all(|trace| trace.as_deref().is_some_and(|trace| trace.starts_with("00-0af7"))),
        "{traces:?}"
    );
    assert!(notebook.ages.lock().unwrap().iter().all(|age| *age < Duration::from_secs(20)));
}

on_both!(an_attempt_of_a_stopped_worker_is_reported_as_dropped);
async fn an_attempt_of_a_stopped_worker_is_reported_as_dropped<Db: Base>(pool: Pool<Db>) {
    let notebook = Arc::new(Notebook::default());
    let seen = Arc::clone(&notebook);
    let shop = Shop::with_settings(pool, |hooks| hooks.observer(seen)).await;
    shop.game.plan("o-1", &[Act::Hang]);
    let worker = shop.worker().await;
    shop.pay("o-1").await;
    while shop.game.calls("o-1").is_empty() {
        sleep(Duration::from_millis(5)).await;
    }
    drop(worker);
    while notebook.attempts.lock().unwrap().is_empty() {
        sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(*notebook.attempts.lock().unwrap(), [("e-o-1".to_owned(), 1, "dropped", false)]);
}

on_both!(operators_see_the_number_of_jobs_and_the_oldest);
async fn operators_see_the_number_of_jobs_and_the_oldest<Db: Base>(pool: Pool<Db>) {
    let shop = Shop::open(pool).await;
    let control = shop.hooks.control();
    let depth = control.jobs().await.expect("the endpoint has an engine").unwrap();
    assert_eq!((depth.unfinished(), depth.dead, depth.oldest), (0, 0, Duration::ZERO));

    shop.game.plan("refuses", &[Act::Refuse]);
    shop.pay("refuses").await;
    let worker = shop.worker().await;
    shop.done().await;
    worker.stop().await.unwrap();
    shop.pay("waits").await;
    sleep(Duration::from_millis(1100)).await;
    shop.pay("waits too").await;
    let depth = control.jobs().await.unwrap().unwrap();
    assert_eq!((depth.waiting, depth.running, depth.retrying, depth.dead), (2, 0, 0, 1));
    assert!((1..30).contains(&depth.oldest.as_secs()), "the age of the dead letter does not count: {depth:?}");

    Db::execute(&shop.pool, format!("DROP TABLE {}", Db::river("river_job"))).await.unwrap();
    assert!(control.jobs().await.unwrap().is_err());
}

#[test]
fn an_endpoint_without_an_engine_has_no_jobs() {
    let hooks = Webhooks::new(secret(), <sqlx::Sqlite as Base>::handlers(true));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert!(runtime.block_on(hooks.control().jobs()).is_none());
}

/// On one thread, so that the recorder of this test gets everything.
#[tokio::test]
async fn attempts_and_jobs_are_metrics() {
    let recorder = recorder();
    let exposition = recorder.handle();
    let _recording = metrics::set_default_local_recorder(&recorder);

    let directory = tempfile::TempDir::new().unwrap();
    let shop = Shop::with_settings(sqlite(&directory).await, |hooks| hooks.observer(Metrics::new())).await;
    shop.game.plan("fails", &[Act::Fail]);
    shop.game.plan("refuses", &[Act::Refuse]);
    let worker = shop.worker().await;
    for id in ["works", "fails", "refuses"] {
        shop.pay(id).await;
    }
    assert_eq!(shop.send(&created("mail")).await.status, 200);
    shop.done().await;
    worker.stop().await.unwrap();
    shop.pay("waits").await;
    shop.hooks.control().record_metrics().await;

    let text = exposition.render();
    for line in [
        r#"aghanim_hooks_attempts_total{event="order.paid",outcome="completed"} 2"#,
        r#"aghanim_hooks_attempts_total{event="order.paid",outcome="failed"} 1"#,
        r#"aghanim_hooks_attempts_total{event="order.paid",outcome="refused"} 1"#,
        r#"aghanim_hooks_attempts_total{event="order.created",outcome="completed"} 1"#,
        r#"aghanim_hooks_dead_letters_total{event="order.paid"} 1"#,
        r#"aghanim_hooks_attempt_seconds_count{event="order.paid"} 4"#,
        r#"aghanim_hooks_done_after_seconds_count{event="order.paid"} 2"#,
        r#"aghanim_hooks_jobs{state="waiting"} 1"#,
        r#"aghanim_hooks_jobs{state="running"} 0"#,
        r#"aghanim_hooks_jobs{state="dead"} 1"#,
    ] {
        assert!(text.lines().any(|seen| seen == line), "no `{line}` in {text}");
    }
    assert!(text.contains("\naghanim_hooks_oldest_job_seconds "), "{text}");
}

on_both!(an_endpoint_has_settings_for_all_its_later_handlers);
async fn an_endpoint_has_settings_for_all_its_later_handlers<Db: Base>(pool: Pool<Db>) {
    let shop = Shop::with_settings(pool, |hooks| {
        hooks.later_attempts(2).later_timeout(Duration::from_millis(700)).later_queue("shop")
    })
    .await;
    // `parcel.moved` names none of the three, `order.created` names no queue, and `order.paid` names all.
    let (moved, mailed) = (crate::shop::moved("p", 1, 100), created("o-2"));
    for body in [&moved, &mailed] {
        assert_eq!(shop.send(body).await.status, 200);
    }
    shop.pay("o-1").await;
    let queue = |queue| {
        let table = Db::river("river_job");
        let sql = format!("SELECT count(*) FROM {table} WHERE queue = '{queue}'");
        let pool = shop.pool.clone();
        async move { Db::number(&pool, sql).await.unwrap() }
    };
    assert_eq!((queue("shop").await, queue("orders").await, queue("default").await), (2, 1, 0));
    let worker = shop.worker().await;
    shop.done().await;
    worker.stop().await.unwrap();
    let settings =
        |id: &str| shop.game.calls(id).into_iter().map(|attempt| (attempt.of, attempt.timeout)).collect::<Vec<_>>();
    assert_eq!(settings("p@1"), [(2, Duration::from_millis(700))]);
    assert_eq!(settings("o-2"), [(3, Duration::from_millis(900))]);
    assert_eq!(settings("o-1"), [(3, Duration::from_millis(900))]);
}

#[tokio::test]
async fn a_queue_with_another_name_is_refused() {
    let directory = tempfile::TempDir::new().unwrap();
    let pool = sqlite(&directory).await;
    let store = <sqlx::Sqlite as Base>::store(&pool).await;
    let hooks = Webhooks::new(secret(), <sqlx::Sqlite as Base>::handlers(true)).idempotency(store).later(quick(&pool));
    assert!(hooks.check().is_ok());
    let error = hooks.later_queue("The Shop").check().unwrap_err();
    assert!(error.to_string().starts_with("`later_queue(\"The Shop\")`: a queue's name has at most 64"), "{error}");
}
