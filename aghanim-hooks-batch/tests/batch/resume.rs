//! Runs that stop and go on at the checkpoint.

use std::fs;
use std::path::Path;
use std::time::Duration;

use aghanim_hooks_batch::{Batch, BatchError, ErrorKind, Report};
use tempfile::TempDir;

use super::game::{Game, event, gzip, hooks, lines};

/// Runs a file with a checkpoint that is written after each event.
async fn run(file: impl AsRef<[u8]>, checkpoint: &Path) -> (Result<Report, BatchError>, String) {
    let game = Game::default();
    let batch = Batch::new(&hooks(), game.clone()).unwrap().patience(Duration::ZERO);
    let ended = batch.checkpoint(checkpoint).save_every(Duration::ZERO).run(file.as_ref()).await;
    (ended, game.seen().concat())
}

/// Runs a file, and ends the run after this many events: the endpoint is drained.
async fn run_until(events: u64, file: &[u8], checkpoint: &Path) -> String {
    let game = Game::default();
    let hooks = hooks();
    let control = hooks.control();
    let batch = Batch::new(&hooks, game.clone()).unwrap().checkpoint(checkpoint).save_every(Duration::ZERO);
    let batch = batch.progress(move |report| {
        if report.events == events {
            control.drain();
        }
    });
    let error = batch.run(file).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unavailable { .. }), "{error}");
    game.seen().concat()
}

#[tokio::test]
async fn a_run_goes_on_where_the_last_one_was() {
    let text = format!("\u{feff}\r\n{}\ngarbage\n\n{}", event("a"), lines(["b", "c", "refused"]).trim_end());
    let array = format!(" [{},garbage,,{},{},{}]\n", event("a"), event("b"), event("c"), event("refused"));
    for file in [text, array] {
        for file in [file.clone().into_bytes(), gzip(&file).await] {
            let directory = TempDir::new().unwrap();
            let (whole, seen) = run(&file, &directory.path().join("whole")).await;
            let whole = whole.unwrap();
            assert_eq!(seen, "abcrefused");
            for stop in 1..5 {
                let checkpoint = directory.path().join(stop.to_string());
                let first = run_until(stop, &file, &checkpoint).await;
                let (second, rest) = run(&file, &checkpoint).await;
                assert_eq!(first.clone() + &rest, seen, "stopped after {stop}");
                assert!(!first.is_empty() && !rest.is_empty());
                assert_eq!(second.unwrap(), whole, "the report has both runs");
                let (third, nothing) = run(&file, &checkpoint).await;
                // A failed last line without a newline may be half an event, so it is tried again.
                let again = if whole.shape.unterminated { "refused" } else { "" };
                assert_eq!((third.unwrap(), nothing.as_str()), (whole.clone(), again), "it was complete");
            }
        }
    }
}

#[tokio::test]
async fn an_event_of_which_half_came_is_handled_when_the_rest_comes() {
    let directory = TempDir::new().unwrap();
    let array = format!("[{},{}]", event("a"), event("b"));
    for (name, file) in [("lines", lines(["a", "b"])), ("array", array)] {
        for cut in (1..file.len()).step_by(9) {
            let checkpoint = directory.path().join(format!("{name}{cut}"));
            let (_, first) = run(&file[..cut], &checkpoint).await;
            let (whole, rest) = run(&file, &checkpoint).await;
            let whole = whole.unwrap();
            assert_eq!((first + &rest).as_str(), "ab", "{name} cut at {cut}");
            assert_eq!((whole.answered, whole.failed), (2, 0), "{name} cut at {cut}: {whole}");
        }
    }
}

#[tokio::test]
async fn the_checkpoint_of_another_file_is_refused() {
    let directory = TempDir::new().unwrap();
    let checkpoint = directory.path().join("checkpoint");
    run_until(2, lines(["a", "b", "c"]).as_bytes(), &checkpoint).await;
    for other in [lines(["a", "x", "c"]), lines(["a"]), String::new()] {
        let (ended, seen) = run(&other, &checkpoint).await;
        let error = ended.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::OtherFile) && seen.is_empty(), "{error}");
    }
    let (ended, seen) = run(lines(["a", "b", "d"]), &checkpoint).await;
    assert_eq!((ended.unwrap().answered, seen.as_str()), (3, "d"), "the text up to the place is the same");
}

#[tokio::test]
async fn a_checkpoint_that_cannot_be_used_is_an_error_and_nothing_is_handled() {
    let directory = TempDir::new().unwrap();
    let checkpoint = directory.path().join("checkpoint");
    for broken in ["", "{}", "[]", "{\"version\":1}"] {
        fs::write(&checkpoint, broken).unwrap();
        let (ended, seen) = run(lines(["a"]), &checkpoint).await;
        let error = ended.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Checkpoint(_)) && seen.is_empty(), "{error}");
    }
    fs::remove_file(&checkpoint).unwrap();
    run(lines(["a"]), &checkpoint).await.0.unwrap();
    let newer = fs::read_to_string(&checkpoint).unwrap().replacen("\"version\":1", "\"version\":2", 1);
    for newer in [newer.as_str(), r#"{"version":2,"offset":7}"#] {
        fs::write(&checkpoint, newer).unwrap();
        let error = run(lines(["a"]), &checkpoint).await.0.unwrap_err();
        assert!(error.to_string().contains("version 2 is not known here"), "{error}");
    }
}

#[tokio::test]
async fn a_checkpoint_that_cannot_be_written_ends_the_run() {
    let directory = TempDir::new().unwrap();
    let (ended, _) = run(lines(["a", "b"]), &directory.path().join("no such folder/checkpoint")).await;
    let error = ended.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Checkpoint(_)), "{error}");
    assert_eq!(error.report().events, 1, "the event that was handled is in the report");
}

#[tokio::test]
async fn the_file_is_replaced_as_a_whole() {
    let directory = TempDir::new().unwrap();
    let checkpoint = directory.path().join("checkpoint");
    // A run that was killed while it wrote leaves this behind.
    fs::write(directory.path().join("checkpoint.new"), "{\"ver").unwrap();
    run(lines(["a", "b"]), &checkpoint).await.0.unwrap();
    let names: Vec<_> = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["checkpoint"]);
}
