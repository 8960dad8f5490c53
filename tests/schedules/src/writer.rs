//! Deliveries that take turns at SQLite's only writer, and hang up at any point.

use std::time::{Duration, Instant};

use http::Extensions;
use shuttle::future::{block_on, spawn, yield_now};

use crate::check;
use crate::idempotency::{Claim, Claimed, Fingerprint, Key, StoredAnswer, Transaction, Tx};
use crate::sqlite::{Jobs, begin, start};
use crate::sqlx::{Sqlite, SqlitePool};

/// The end of a delivery's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Commit,
    Refuse,
    Rollback,
    /// It is dropped before the handler runs.
    DropTurn,
    /// It is dropped, and the handler's `Tx` lives on for a while in another task.
    KeepTx,
}

fn claim(key: &str) -> Claim {
    let deadline = Instant::now() + Duration::from_mins(1);
    Claim::new(Key::new("", false, "a.b", key), Fingerprint::new(b"{}"), Duration::from_mins(1), deadline)
}

/// Returns the answer's body, if there is one.
async fn deliver(jobs: Jobs, key: &'static str, who: u8, end: End) -> Option<String> {
    let mut transaction: Box<dyn Transaction> = match begin(&jobs, claim(key)).await.expect("a sound database") {
        Claimed::Mine(transaction) => transaction,
        Claimed::Answered(record) => return Some(String::from_utf8_lossy(&record.answer.body).into_owned()),
        Claimed::InFlight => panic!("there are no leases"),
    };
    if end == End::DropTurn {
        return None;
    }
    let mut extensions = Extensions::new();
    transaction.lend(&mut extensions);
    let mut tx = Tx::<Sqlite>::taken_from(&mut extensions);
    tx.lent.tables.writes.push(format!("{key} by {who}"));
    yield_now().await;
    if end == End::KeepTx {
        spawn(async move {
            yield_now().await;
            drop(tx);
        });
        return None;
    }
    drop(tx);
    let body = format!("by {who}");
    let answer = StoredAnswer::new(200, b"application/json", body.clone()).expect("an answer");
    match end {
        End::Commit => transaction.commit(&answer).await.expect("a sound database"),
        End::Refuse => {
            let refused = transaction.refuse(&answer).await.expect("a sound database");
            assert_eq!(refused, Claimed::Mine(()));
        }
        _ => {
            transaction.rollback().await.expect("a sound database");
            return None;
        }
    }
    Some(body)
}

/// Sends one key twice and another key once, with these ends, and compares all answers with the database.
fn turns(ends: [End; 3]) {
    block_on(async {
        let pool = SqlitePool::default();
        let jobs = start(pool.clone());
        let tasks: Vec<_> = [("a", 0_u8), ("a", 1), ("b", 2)]
            .into_iter()
            .zip(ends)
            .map(|((key, who), end)| (key, who, end, spawn(deliver(jobs.clone(), key, who, end))))
            .collect();
        for (key, who, end, task) in tasks {
            let Some(answer) = task.await.expect("no panic") else { continue };
            let kept = pool.committed();
            let record = kept.answers.get(claim(key).key.digest()).expect("an acknowledged answer is kept");
            assert_eq!(&record.answer.body[..], answer.as_bytes(), "{key} was answered otherwise");
            let own = format!("by {who}");
            if answer == own {
                let write = format!("{key} {own}");
                assert_eq!(kept.writes.contains(&write), end == End::Commit, "{end:?}, {:?}", kept.writes);
            }
        }
        let kept = pool.committed();
        for key in ["a", "b"] {
            let effects = kept.writes.iter().filter(|write| write.starts_with(key)).count();
            assert!(effects <= 1, "an effect is there twice: {:?}", kept.writes);
        }
        // The writer still works.
        assert_eq!(deliver(jobs, "next", 9, End::Commit).await.as_deref(), Some("by 9"));
    });
}

#[test]
fn a_duplicate_shares_the_commit_or_finds_the_answer() {
    check(500, || turns([End::Commit, End::Commit, End::Commit]));
}

#[test]
fn a_refusal_undoes_its_own_writes_alone() {
    check(500, || turns([End::Refuse, End::Refuse, End::Commit]));
    check(500, || turns([End::Commit, End::Commit, End::Refuse]));
}

#[test]
fn what_fails_fails_alone() {
    check(500, || turns([End::Rollback, End::Commit, End::Commit]));
    check(500, || turns([End::DropTurn, End::Commit, End::DropTurn]));
}

#[test]
fn a_kept_transaction_comes_back_and_is_undone() {
    check(500, || turns([End::KeepTx, End::Commit, End::Commit]));
    check(500, || turns([End::KeepTx, End::KeepTx, End::KeepTx]));
}

fn hang_up_while_waiting() {
    block_on(async {
        let pool = SqlitePool::default();
        let jobs = start(pool.clone());
        let first = spawn(deliver(jobs.clone(), "a", 0, End::Commit));
        // Hangs up at any point: in the queue, with a turn, or before its reply.
        let waiting = spawn(deliver(jobs.clone(), "a", 1, End::Commit));
        yield_now().await;
        waiting.abort();
        let answer = first.await.expect("no panic").expect("an answer");
        assert_eq!(deliver(jobs, "a", 2, End::Commit).await.as_deref(), Some(answer.as_str()));
        assert_eq!(pool.committed().writes.len(), 1);
    });
}

#[test]
fn hanging_up_leaves_nothing_behind() {
    check(1000, hang_up_while_waiting);
}
