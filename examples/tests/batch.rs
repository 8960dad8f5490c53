//! The example `batch`, killed in the middle and run again: each order is paid once, by the keys alone and with a
//! checkpoint. `AGHANIM_STORM=10` makes the file ten times longer.
#![cfg(unix)]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use aghanim_hooks_tests::exactly_once::storm_factor;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use tempfile::TempDir;

const EXAMPLE: &str = env!("CARGO_BIN_EXE_batch");

fn example(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(EXAMPLE);
    command.current_dir(directory).args(arguments).env("RUST_LOG", "warn");
    command
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    example(directory, arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The orders that were paid, and how many of them more than once. Zero before there is a table.
async fn paid(directory: &Path) -> (u64, u64) {
    let options = SqliteConnectOptions::new().filename(directory.join("game.db"));
    let Ok(mut connection) = options.read_only(true).connect().await else { return (0, 0) };
    let count = "SELECT count(*), count(*) - count(DISTINCT order_id) FROM paid";
    let counted: Result<(i64, i64), _> = sqlx::query_as(count).fetch_one(&mut connection).await;
    let (orders, doubled) = counted.unwrap_or_default();
    (orders.unsigned_abs(), doubled.unsigned_abs())
}

/// Kills the example a few times as it works, then lets it finish. Returns its last output.
async fn killed(directory: &Path, arguments: &[&str], events: u64) -> String {
    let mut kills = 0;
    let mut before = 0;
    while kills < 5 {
        let mut child = example(directory, arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let began = Instant::now();
        // It is killed when it has handled some more.
        let ended = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break Some(status);
            }
            let (orders, doubled) = paid(directory).await;
            assert_eq!(doubled, 0);
            if orders > before + events / 10 {
                before = orders;
                break None;
            }
            assert!(began.elapsed() < Duration::from_mins(1), "it stands still after {orders} orders");
            tokio::time::sleep(Duration::from_millis(15)).await;
        };
        child.kill().unwrap();
        let _status = child.wait().unwrap();
        if let Some(status) = ended {
            assert!(status.success() && kills > 0, "it ended before it was killed: {status}");
            break;
        }
        kills += 1;
    }
    let (orders, _) = paid(directory).await;
    eprintln!("{kills} kills, {orders} of {events} orders before the last run");
    let output = run(directory, arguments);
    assert!(output.status.success(), "{}", text(&output));
    assert_eq!(paid(directory).await, (events, 0));
    text(&output)
}

fn file(directory: &Path, events: u64) {
    let output = run(directory, &["--sample", &events.to_string()]);
    assert!(output.status.success());
    fs::write(directory.join("events.jsonl"), output.stdout).unwrap();
}

#[tokio::test]
async fn killed_in_the_middle_and_run_again_each_order_is_paid_once() {
    let events = 4000 * u64::from(storm_factor());
    for checkpoint in [false, true] {
        let directory = TempDir::new().unwrap();
        file(directory.path(), events);
        let mut arguments = vec!["events.jsonl"];
        if checkpoint {
            arguments.extend(["--checkpoint", "checkpoint"]);
        }
        let last = killed(directory.path(), &arguments, events).await;
        assert!(last.starts_with(&format!("{events} events (one event per line)")), "{last}");
        assert!(last.contains(" 0 failed"), "{last}");
        assert_eq!(directory.path().join("checkpoint").exists(), checkpoint);
    }
}

#[test]
fn standard_input_and_failures_in_words() {
    let directory = TempDir::new().unwrap();
    let mut child = example(directory.path(), &["-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"[{\"event_type\":\"analytics.hub.login\",\"event_data\":{\"name\":\"hub.login\"}},7]")
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let said = text(&output);
    assert!(!output.status.success());
    assert!(said.contains("2 events (a JSON array): 1 handled, 0 known, 0 ignored, 1 failed"), "{said}");
    assert!(said.contains("\n  2: 400 validation_error:"), "{said}");
    let missing = run(directory.path(), &["missing.jsonl"]);
    assert!(text(&missing).contains("can't open missing.jsonl"), "{}", text(&missing));
}
