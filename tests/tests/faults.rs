//! Faults of servers under load: databases that are stopped, connections that are cut, pools without a free connection,
//! disks that are full, read-only or broken, clocks that are moved, processes that are suspended. The answer is
//! a retryable 503, and no grant is lost or doubled.
#![cfg(unix)]

use std::time::Duration;

use aghanim_hooks_tests::exactly_once::faults::{Disk, Faults};
use aghanim_hooks_tests::exactly_once::{Database, Handler, Promise, Setup, Subject, Trial, Verdict, suite};
use aghanim_hooks_tests::postgres::{self, Cluster, Stop};
use sqlx::{Connection as _, Executor as _, PgConnection};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::{sleep, timeout};

const GAME: &str = env!("CARGO_BIN_EXE_game");
const SENDERS: usize = 16;
/// How many answers, or refusals, make a fault one that was met.
const SEEN: u64 = 20;
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// A game that gives up soon.
fn impatient(database: Database) -> Setup {
    Setup { timeout: Duration::from_millis(700), ..Setup::new(database) }
}

fn sqlite(directory: &TempDir) -> Database {
    Database::Sqlite(directory.path().join("game.db"))
}

fn postgres(database: &postgres::Database) -> Database {
    Database::Postgres(database.url().to_owned())
}

/// No more was promised than was kept, and there was something to keep.
fn assert_kept(verdict: Verdict, least_refused: u64) {
    let summary = verdict.unwrap();
    eprintln!("{summary:?}");
    assert!(summary.unavailable >= least_refused, "the fault was not met: {summary:?}");
    assert!(summary.answers > SEEN, "{summary:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_is_stopped_and_started() {
    let Some(cluster) = Cluster::start() else { return };
    let database = cluster.server().database().await;
    let trial = Trial::start(Subject::game(GAME, &impatient(postgres(&database))).await.unwrap(), 2).await;
    let load = trial.load(SENDERS);
    for how in [Stop::Fast, Stop::Immediate, Stop::Immediate, Stop::Fast] {
        trial.answered(SEEN).await;
        cluster.stop(how);
        trial.refused(SEEN).await;
        cluster.restart();
    }
    load.stop().await;
    assert_kept(trial.settle().await, 4 * SEEN);
}

#[tokio::test]
async fn connections_to_postgres_are_cut() {
    const CUT: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                       WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let Some(server) = postgres::server() else { return };
    for handler in [Handler::InTransaction, Handler::UnderLease] {
        let database = server.database().await;
        let setup = Setup { handler, ..impatient(postgres(&database)) };
        let trial = Trial::start(Subject::game(GAME, &setup).await.unwrap(), 2).await;
        let load = trial.load(SENDERS);
        let mut connection = PgConnection::connect(database.url()).await.unwrap();
        for _ in 0..50 {
            trial.answered(1).await;
            connection.execute(CUT).await.unwrap();
        }
        connection.close().await.unwrap();
        load.stop().await;
        assert_kept(trial.settle().await, SEEN);
    }
}

#[tokio::test]
async fn the_pool_has_no_connection_to_spare() {
    let Some(server) = postgres::server() else { return };
    let database = server.database().await;
    let work = Duration::from_millis(60);
    let setup = Setup { connections: 1, work, ..impatient(postgres(&database)) };
    let trial = Trial::start(Subject::game(GAME, &setup).await.unwrap(), 2).await;
    trial.storm("pool", 64, 2).await;
    assert_kept(trial.settle().await, SEEN);
}

async fn a_disk_fails(disk: Disk) {
    let Some(mut faults) = Faults::prepare() else { return };
    for handler in [Handler::InTransaction, Handler::UnderLease] {
        let directory = TempDir::new().unwrap();
        let setup = Setup { handler, ..impatient(sqlite(&directory)) };
        let subject = Subject::game(GAME, &setup).await.unwrap().environment(faults.environment());
        let mut trial = Trial::start(subject, 1).await;
        let load = trial.load(SENDERS);
        for round in 0..4 {
            trial.answered(SEEN).await;
            faults.disk(disk);
            trial.refused(SEEN).await;
            if round == 2 {
                // In the middle of it, and with room again.
                trial.kill(0).await;
                faults.disk(Disk::Sound);
                trial.spawn(0).await;
            }
            faults.disk(Disk::Sound);
        }
        load.stop().await;
        assert_kept(trial.settle().await, 4 * SEEN);
    }
}

#[tokio::test]
async fn the_disk_is_full() {
    a_disk_fails(Disk::Full).await;
}

#[tokio::test]
async fn the_file_is_read_only() {
    a_disk_fails(Disk::ReadOnly).await;
}

/// The game then does not start, and prints the reason with the file's name on standard error.
#[tokio::test]
async fn it_does_not_start_on_a_file_that_is_read_only() {
    let Some(mut faults) = Faults::prepare() else { return };
    let directory = TempDir::new().unwrap();
    let setup = Setup::new(sqlite(&directory));
    let trial = Trial::start(Subject::game(GAME, &setup).await.unwrap(), 1).await;
    trial.storm("before", 4, 1).await;
    trial.settle().await.unwrap();

    faults.disk(Disk::ReadOnly);
    let mut game = Command::new(GAME);
    game.arg(setup.to_argument()).env("AGHANIM_WEBHOOK_SECRET", "whsec_4f1c9d0a77b2e8d6");
    let started = game.envs(faults.environment()).kill_on_drop(true).output();
    let output = timeout(Duration::from_secs(20), started).await.expect("it ends").unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("game.db") && !error.contains("panicked"), "{error}");
}

#[tokio::test]
async fn the_disk_does_not_sync() {
    a_disk_fails(Disk::Broken).await;
}

/// As far as signatures allow: 72 hours ahead, 5 minutes behind.
async fn the_clock_is_moved(setup: &Setup, processes: usize) {
    let Some(mut faults) = Faults::prepare() else { return };
    // A moved clock is no reason for anything to be done again.
    let subject = Subject::game(GAME, setup).await.unwrap().environment(faults.environment()).promise(Promise::Once);
    let trial = Trial::start(subject, processes).await;
    let load = trial.load(SENDERS);
    for _ in 0..5 {
        for hours in [1, 71, 24] {
            faults.clock_ahead(hours * HOUR);
            trial.answered(SEEN / 4).await;
        }
        faults.clock_behind(HOUR / 15);
        trial.answered(SEEN / 4).await;
    }
    faults.clock_ahead(Duration::ZERO);
    load.stop().await;
    assert_kept(trial.settle().await, 0);
}

#[tokio::test]
async fn the_clock_is_moved_on_sqlite() {
    for handler in [Handler::InTransaction, Handler::UnderLease] {
        let directory = TempDir::new().unwrap();
        the_clock_is_moved(&Setup { handler, ..Setup::new(sqlite(&directory)) }, 1).await;
    }
}

#[tokio::test]
async fn the_clock_is_moved_on_postgres() {
    let Some(server) = postgres::server() else { return };
    for handler in [Handler::InTransaction, Handler::UnderLease] {
        let database = server.database().await;
        let work = Duration::from_millis(20);
        the_clock_is_moved(&Setup { handler, work, ..Setup::new(postgres(&database)) }, 2).await;
    }
}

/// A machine that starts with a clock beyond the retention, before it has asked anyone for the time, must not forget
/// what it will be asked for once the clock is right.
async fn it_starts_in_another_year(setup: &Setup) {
    let Some(mut faults) = Faults::prepare() else { return };
    let subject = Subject::game(GAME, setup).await.unwrap().environment(faults.environment());
    let mut trial = Trial::start(subject, 1).await;
    trial.storm("year", 64, 2).await;
    trial.kill(0).await;
    faults.clock_ahead(365 * DAY);
    trial.spawn(0).await;
    // It forgets old answers when it starts.
    sleep(Duration::from_secs(1)).await;
    faults.clock_ahead(Duration::ZERO);
    assert_kept(trial.settle().await, 0);
}

#[tokio::test]
async fn it_starts_in_another_year_on_sqlite() {
    let directory = TempDir::new().unwrap();
    it_starts_in_another_year(&Setup::new(sqlite(&directory))).await;
}

#[tokio::test]
async fn it_starts_in_another_year_on_postgres() {
    let Some(server) = postgres::server() else { return };
    let database = server.database().await;
    it_starts_in_another_year(&Setup::new(postgres(&database))).await;
}

#[tokio::test]
async fn a_process_stands_still_on_sqlite() {
    for handler in [Handler::InTransaction, Handler::UnderLease] {
        let directory = TempDir::new().unwrap();
        let setup = suite::stalling(Setup::new(sqlite(&directory)), handler);
        suite::stall(Subject::game(GAME, &setup).await.unwrap(), &setup).await.unwrap();
    }
}

#[tokio::test]
async fn a_process_stands_still_on_postgres() {
    let Some(server) = postgres::server() else { return };
    for handler in [Handler::InTransaction, Handler::UnderLease] {
        let database = server.database().await;
        let setup = suite::stalling(Setup::new(postgres(&database)), handler);
        suite::stall(Subject::game(GAME, &setup).await.unwrap(), &setup).await.unwrap();
    }
}
