//! The suite sees what it is for: stores with one flaw each, of the kinds that receivers of webhooks are known for, are
//! caught, each by what it does; and the same store without a flaw is not.
#![cfg(unix)]

use std::time::Duration;

use aghanim_hooks_tests::exactly_once::doubles::Flaw;
use aghanim_hooks_tests::exactly_once::{Database, Handler, Setup, Store, Subject, Summary, Verdict, Violation, suite};
use tempfile::TempDir;

const GAME: &str = env!("CARGO_BIN_EXE_game");

fn double(directory: &TempDir, flaw: Option<Flaw>) -> Setup {
    Setup { store: Store::Double(flaw), ..Setup::new(Database::Sqlite(directory.path().join("game.db"))) }
}

fn directory() -> TempDir {
    TempDir::new().unwrap()
}

fn caught(verdict: Verdict, kind: impl Fn(&Violation) -> bool) {
    match verdict {
        Ok(summary) => panic!("the flaw went unnoticed: {summary:?}"),
        Err(failure) => assert!(failure.shows(kind), "something else was seen: {failure:?}"),
    }
}

#[tokio::test]
async fn acknowledge_before_commit_is_seen_when_it_crashes() {
    let directory = directory();
    let setup = double(&directory, Some(Flaw::AcknowledgeBeforeCommit));
    let verdict = suite::crash(Subject::game(GAME, &setup).await.unwrap(), 1, 20).await;
    caught(verdict, |violation| matches!(violation, Violation::Differs { .. }));
}

#[tokio::test]
async fn check_then_insert_is_seen_in_a_storm() {
    let directory = directory();
    let setup = double(&directory, Some(Flaw::CheckThenInsert));
    let verdict = suite::storm(Subject::game(GAME, &setup).await.unwrap(), 2, 16, 8).await;
    caught(verdict, |violation| matches!(violation, Violation::Doubled { .. }));
}

#[tokio::test]
async fn effect_before_dedupe_is_seen_in_a_storm() {
    let directory = directory();
    let setup = double(&directory, Some(Flaw::EffectBeforeDedupe));
    let verdict = suite::storm(Subject::game(GAME, &setup).await.unwrap(), 2, 16, 8).await;
    caught(verdict, |violation| matches!(violation, Violation::Doubled { .. }));
}

#[tokio::test]
async fn error_stored_as_done_is_seen_in_a_storm() {
    for handler in [Handler::InTransaction, Handler::UnderLease] {
        let directory = directory();
        let setup = Setup { handler, ..double(&directory, Some(Flaw::ErrorStoredAsDone)) };
        let verdict = suite::storm(Subject::game(GAME, &setup).await.unwrap(), 1, 16, 8).await;
        caught(verdict, |violation| matches!(violation, Violation::Lost { .. }));
    }
}

#[tokio::test]
async fn no_owner_token_is_seen_when_a_process_stalls() {
    let mut verdict = Ok(Summary::default());
    // On a slow disk the process may be stopped before its claims are made, with the file locked.
    for _ in 0..4 {
        let directory = directory();
        let setup = suite::stalling(double(&directory, Some(Flaw::NoOwnerToken)), Handler::UnderLease);
        verdict = suite::stall(Subject::game(GAME, &setup).await.unwrap(), &setup).await;
        if verdict.is_err() {
            break;
        }
    }
    caught(verdict, |violation| matches!(violation, Violation::Differs { .. }));
}

/// The checks that find the flaws find nothing in a store without a flaw.
#[tokio::test]
async fn the_same_store_without_a_flaw_passes() {
    for handler in [Handler::InTransaction, Handler::UnderLease] {
        let directory = directory();
        let setup = Setup { handler, timeout: Duration::from_secs(2), ..double(&directory, None) };
        suite::crash(Subject::game(GAME, &setup).await.unwrap(), 1, 20).await.unwrap();
        let directory = self::directory();
        let setup = Setup { handler, ..double(&directory, None) };
        suite::storm(Subject::game(GAME, &setup).await.unwrap(), 2, 16, 8).await.unwrap();
        let directory = self::directory();
        let setup = suite::stalling(double(&directory, None), handler);
        suite::stall(Subject::game(GAME, &setup).await.unwrap(), &setup).await.unwrap();
    }
}
