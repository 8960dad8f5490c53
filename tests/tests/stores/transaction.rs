//! Begin, then commit, refuse, roll back or drop: what a handler with `Tx` goes through.

use std::time::{Duration, Instant};

use aghanim_hooks::idempotency::{Claimed, Record};
use tokio::time::{sleep, timeout};

use crate::fixture::{BRIEF_LEASE, Backend, Fixture, answer, brief_claim, claim, outcome};

crate::suite!(sqlite, postgres => [
    writes_and_answer_are_kept_together,
    dropped_nothing_stays,
    rolled_back_nothing_stays,
    a_refusal_is_kept_without_the_writes,
    what_the_handler_keeps_is_not_committed,
    never_lent_is_committed_too,
    the_same_key_again_is_answered_as_the_first,
    another_instance_waits_for_the_commit,
    another_instance_goes_on_after_a_rollback,
    the_wait_has_an_end,
    transactions_inside_are_savepoints,
    a_failed_statement_does_not_fail_the_transaction_in_secret,
    a_lease_stands_in_the_way_and_lapses,
    without_a_key_there_is_a_transaction_all_the_same,
    a_swallowed_error_is_not_acknowledged_without_a_key,
    a_handler_may_change_the_search_path,
    many_at_once,
]);

async fn writes_and_answer_are_kept_together(fixture: Fixture) {
    let claim = claim("k");
    let mut transaction = fixture.begin(&claim).await;
    fixture.write(&mut *transaction).await;
    assert_eq!(fixture.effects().await, 0, "nobody sees it before the commit");
    assert_eq!(fixture.one.lookup(&claim.key).await.unwrap(), None);
    transaction.commit(&answer("first")).await.unwrap();
    assert_eq!(fixture.effects().await, 1);
    let record = Record::new(claim.fingerprint, answer("first"));
    assert_eq!(fixture.other.lookup(&claim.key).await.unwrap(), Some(record.clone()));
    let again = outcome(fixture.other.begin(&crate::fixture::claim("k")).await.unwrap());
    assert_eq!(again, Claimed::Answered(record));
}

async fn dropped_nothing_stays(fixture: Fixture) {
    let mut transaction = fixture.begin(&claim("k")).await;
    fixture.write(&mut *transaction).await;
    drop(transaction);
    free_and_without_effect(&fixture).await;
}

async fn rolled_back_nothing_stays(fixture: Fixture) {
    let mut transaction = fixture.begin(&claim("k")).await;
    fixture.write(&mut *transaction).await;
    transaction.rollback().await.unwrap();
    free_and_without_effect(&fixture).await;
}

async fn free_and_without_effect(fixture: &Fixture) {
    assert_eq!(fixture.one.lookup(&claim("k").key).await.unwrap(), None);
    let next = fixture.begin(&claim("k")).await;
    next.commit(&answer("next")).await.unwrap();
    assert_eq!(fixture.effects().await, 0);
}

async fn a_refusal_is_kept_without_the_writes(fixture: Fixture) {
    let claim = claim("k");
    let mut transaction = fixture.begin(&claim).await;
    fixture.write(&mut *transaction).await;
    assert_eq!(transaction.refuse(&answer("no")).await.unwrap(), Claimed::Mine(()));
    let record = Record::new(claim.fingerprint, answer("no"));
    assert_eq!(fixture.other.lookup(&claim.key).await.unwrap(), Some(record));
    assert_eq!(fixture.effects().await, 0);
}

async fn what_the_handler_keeps_is_not_committed(fixture: Fixture) {
    let mut transaction = fixture.begin(&claim("k")).await;
    let mut lent = fixture.lent(&mut *transaction).await;
    lent.execute("INSERT INTO effects VALUES ('kept')").await.unwrap();
    let error = transaction.commit(&answer("first")).await.unwrap_err();
    assert!(error.to_string().contains("must be dropped before the handler returns"), "{error}");
    drop(lent);
    free_and_without_effect(&fixture).await;

    let mut transaction = fixture.begin(&claim("rolled back")).await;
    let lent = fixture.lent(&mut *transaction).await;
    let error = transaction.rollback().await.unwrap_err();
    assert!(error.to_string().contains("must be dropped before the handler returns"), "{error}");
    drop(lent);
    assert_eq!(fixture.effects().await, 0);
}

async fn never_lent_is_committed_too(fixture: Fixture) {
    let claim = claim("k");
    fixture.begin(&claim).await.commit(&answer("first")).await.unwrap();
    assert!(fixture.one.lookup(&claim.key).await.unwrap().is_some());
}

/// On one instance, where the second shares the first's commit if that did not take long.
async fn the_same_key_again_is_answered_as_the_first(fixture: Fixture) {
    let mut transaction = fixture.begin(&claim("k")).await;
    let one = fixture.one.clone();
    let again = tokio::spawn(async move { outcome(one.begin(&claim("k")).await.unwrap()) });
    sleep(Duration::from_millis(1)).await;
    fixture.write(&mut *transaction).await;
    transaction.commit(&answer("yes")).await.unwrap();
    let first = Record::new(claim("k").fingerprint, answer("yes"));
    assert_eq!(again.await.unwrap(), Claimed::Answered(first));
    assert_eq!(fixture.effects().await, 1);
}

async fn another_instance_waits_for_the_commit(fixture: Fixture) {
    let first = claim("k");
    let mut transaction = fixture.begin(&first).await;
    fixture.write(&mut *transaction).await;
    let other = fixture.other.clone();
    let waiting = tokio::spawn(async move { other.begin(&claim("k")).await.map(outcome) });
    sleep(Duration::from_millis(200)).await;
    assert!(!waiting.is_finished(), "it waits");
    transaction.commit(&answer("first")).await.unwrap();
    let got = timeout(Duration::from_secs(5), waiting).await.expect("the wait is over").unwrap().unwrap();
    assert_eq!(got, Claimed::Answered(Record::new(first.fingerprint, answer("first"))));
}

async fn another_instance_goes_on_after_a_rollback(fixture: Fixture) {
    let transaction = fixture.begin(&claim("k")).await;
    let other = fixture.other.clone();
    let waiting = tokio::spawn(async move { other.begin(&claim("k")).await.map(outcome) });
    sleep(Duration::from_millis(100)).await;
    drop(transaction);
    let got = timeout(Duration::from_secs(5), waiting).await.expect("the wait is over").unwrap().unwrap();
    assert_eq!(got, Claimed::Mine(()));
}

/// On the server too, so that an instance that hangs does not use up the connections of the others.
async fn the_wait_has_an_end(fixture: Fixture) {
    let Backend::Postgres { .. } = fixture.backend else { return };
    let transaction = fixture.begin(&claim("k")).await;
    let mut hurried = claim("k");
    hurried.deadline = Instant::now() + Duration::from_millis(200);
    let got = timeout(Duration::from_secs(3), fixture.other.begin(&hurried)).await.expect("it ends by itself");
    assert_eq!(outcome(got.unwrap()), Claimed::InFlight);
    drop(transaction);
}

async fn transactions_inside_are_savepoints(fixture: Fixture) {
    let mut transaction = fixture.begin(&claim("k")).await;
    let mut lent = fixture.lent(&mut *transaction).await;
    lent.execute_nested("INSERT INTO effects VALUES ('inner')", true).await;
    lent.execute_nested("INSERT INTO effects VALUES ('undone')", false).await;
    lent.execute("INSERT INTO effects VALUES ('outer')").await.unwrap();
    drop(lent);
    assert_eq!(fixture.effects().await, 0, "the inner commit is none");
    transaction.commit(&answer("first")).await.unwrap();
    assert_eq!(fixture.effects().await, 2);
}

/// A handler that ignores an error gets an answer only if its writes are there.
async fn a_failed_statement_does_not_fail_the_transaction_in_secret(fixture: Fixture) {
    let claim = claim("k");
    let mut transaction = fixture.begin(&claim).await;
    let mut lent = fixture.lent(&mut *transaction).await;
    lent.execute("INSERT INTO effects VALUES ('granted')").await.unwrap();
    lent.execute("INSERT INTO nowhere VALUES (1)").await.unwrap_err();
    drop(lent);
    let committed = transaction.commit(&answer("first")).await.is_ok();
    let answered = fixture.one.lookup(&claim.key).await.unwrap().is_some();
    assert_eq!((committed, answered), (fixture.effects().await == 1, fixture.effects().await == 1));
}

async fn a_lease_stands_in_the_way_and_lapses(fixture: Fixture) {
    let dead = brief_claim("k");
    assert_eq!(fixture.other.claim(&dead).await.unwrap(), Claimed::Mine(()));
    assert_eq!(outcome(fixture.one.begin(&claim("k")).await.unwrap()), Claimed::InFlight);
    sleep(2 * BRIEF_LEASE).await;
    let mut transaction = fixture.begin(&claim("k")).await;
    fixture.write(&mut *transaction).await;
    transaction.commit(&answer("alive")).await.unwrap();
    assert!(!fixture.other.complete(&dead, &answer("dead")).await.unwrap());
    assert_eq!(fixture.one.lookup(&dead.key).await.unwrap().unwrap().answer, answer("alive"));
}

async fn without_a_key_there_is_a_transaction_all_the_same(fixture: Fixture) {
    for keep in [true, false] {
        let mut transaction = fixture.one.open().await.unwrap();
        fixture.execute_plain(&mut *transaction, "INSERT INTO effects VALUES ('granted')").await.unwrap();
        if keep {
            transaction.commit().await.unwrap();
        } else {
            transaction.rollback().await.unwrap();
        }
    }
    assert_eq!(fixture.effects().await, 1);
    assert_eq!(fixture.number("SELECT count(*) FROM aghanim_idempotency").await, 0);
}

/// As a game may do to send sandbox purchases to a schema of their own.
async fn a_handler_may_change_the_search_path(fixture: Fixture) {
    let Backend::Postgres { .. } = fixture.backend else { return };
    fixture.execute("CREATE SCHEMA sandbox").await;
    fixture.execute("CREATE TABLE sandbox.effects (what TEXT NOT NULL)").await;
    // A table of the store's name there must not get its rows.
    fixture.execute("CREATE TABLE sandbox.aghanim_idempotency (LIKE aghanim_idempotency INCLUDING ALL)").await;
    for (name, refuse) in [("granted", false), ("refused", true)] {
        let claim = claim(name);
        let mut transaction = fixture.begin(&claim).await;
        let mut lent = fixture.lent(&mut *transaction).await;
        lent.execute("SET LOCAL search_path TO sandbox").await.unwrap();
        lent.execute("INSERT INTO effects VALUES ('granted')").await.unwrap();
        drop(lent);
        if refuse {
            assert_eq!(transaction.refuse(&answer(name)).await.unwrap(), Claimed::Mine(()));
        } else {
            transaction.commit(&answer(name)).await.unwrap();
        }
        assert_eq!(fixture.other.lookup(&claim.key).await.unwrap().unwrap().answer, answer(name));
    }
    assert_eq!(fixture.number("SELECT count(*) FROM sandbox.effects").await, 1);
    assert_eq!(fixture.number("SELECT count(*) FROM sandbox.aghanim_idempotency").await, 0);
}

/// In PostgreSQL the transaction has failed, and its `COMMIT` would roll back and report success.
async fn a_swallowed_error_is_not_acknowledged_without_a_key(fixture: Fixture) {
    let mut transaction = fixture.one.open().await.unwrap();
    let mut lent = fixture.lent_by(|extensions| transaction.lend(extensions)).await;
    lent.execute("INSERT INTO effects VALUES ('granted')").await.unwrap();
    lent.execute("INSERT INTO nowhere VALUES (1)").await.unwrap_err();
    drop(lent);
    let committed = transaction.commit().await.is_ok();
    assert_eq!(committed, fixture.effects().await == 1);
}

/// Every third fails, by dropping, by rolling back, by refusing; none takes another with it.
async fn many_at_once(fixture: Fixture) {
    let fixture = std::sync::Arc::new(fixture);
    let tasks: Vec<_> = (0..60)
        .map(|i| {
            let fixture = fixture.clone();
            tokio::spawn(async move {
                let mut claim = claim(&format!("k{i}"));
                claim.deadline = Instant::now() + Duration::from_secs(30);
                let mut transaction = fixture.begin(&claim).await;
                fixture.write(&mut *transaction).await;
                match i % 6 {
                    0 => drop(transaction),
                    1 => transaction.rollback().await.unwrap(),
                    2 => assert_eq!(transaction.refuse(&answer("no")).await.unwrap(), Claimed::Mine(())),
                    _ => transaction.commit(&answer("yes")).await.unwrap(),
                }
                claim.key
            })
        })
        .collect();
    for (i, task) in tasks.into_iter().enumerate() {
        let key = task.await.unwrap();
        let expected = match i % 6 {
            0 | 1 => None,
            2 => Some(answer("no")),
            _ => Some(answer("yes")),
        };
        let found = fixture.other.lookup(&key).await.unwrap().map(|record| record.answer);
        assert_eq!(found, expected, "{i}");
    }
    assert_eq!(fixture.effects().await, 30);
}
