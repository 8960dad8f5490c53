//! Files that are broken, or made to exhaust the reader.

use std::pin::Pin;
use std::task::{Context, Poll};

use aghanim_hooks_batch::{Batch, ErrorKind};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

use super::game::{Game, Watcher, event, gzip, hooks, lines, run, run_at};

const MEGABYTE: u64 = 1024 * 1024;

/// The most memory of this process so far, in bytes. `None` where the system does not tell.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

/// Repeats a byte without holding it in memory.
struct Repeat(u8);

impl AsyncRead for Repeat {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let size = buffer.initialize_unfilled().len();
        buffer.initialize_unfilled().fill(self.0);
        buffer.advance(size);
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_line_of_100_megabytes_is_one_failed_line() {
    for (open, close, size) in [("", "\n", 100 * MEGABYTE), ("[", ",", 40 * MEGABYTE)] {
        let before = most_memory();
        let end = format!("{close}{}", event("b"));
        let file = open.as_bytes().chain(Repeat(b'x').take(size)).chain(end.as_bytes());
        let game = Game::default();
        let ended = Batch::new(&hooks(), game.clone()).unwrap().run(file).await;
        // The array is not closed.
        let report = ended.unwrap_or_else(|error| error.report().clone());
        assert_eq!((game.seen(), report.events, report.failed), (vec!["b".to_owned()], 2, 1), "{report}");
        let failure = &report.failures[0];
        assert_eq!((failure.status, failure.code.as_str(), failure.number), (413, "payload_too_large", 1));
        assert_eq!(report.bytes, open.len() as u64 + size + end.len() as u64);
        if let (Some(before), Some(after)) = (before, most_memory()) {
            assert!(after - before < 30 * MEGABYTE, "from {before} to {after} bytes");
        }
    }
}

#[tokio::test]
async fn a_line_may_be_as_long_as_a_body() {
    let exact = event("a");
    let hooks = hooks().body_limit(exact.len());
    let (report, seen) = run_at(&hooks, format!("{exact}\n{exact} \n{exact}\n[{exact}\n")).await;
    assert_eq!((seen.len(), report.unwrap().failed), (2, 2));
}

#[tokio::test]
async fn a_compressed_bomb_is_bounded_by_the_line() {
    // 100 MB of zeros are 100 kB of gzip.
    let mut bomb = async_compression::tokio::bufread::GzipEncoder::new(tokio::io::BufReader::new(
        Repeat(b'0').take(100 * MEGABYTE),
    ));
    let mut file = Vec::new();
    bomb.read_to_end(&mut file).await.unwrap();
    assert!((file.len() as u64) < MEGABYTE);
    file.extend(gzip(format!("\n{}", lines(["a"]))).await);
    let before = most_memory();
    let (report, seen) = run(&file).await;
    let report = report.unwrap();
    assert_eq!((seen, report.failures[0].status), (vec!["a".to_owned()], 413));
    if let (Some(before), Some(after)) = (before, most_memory()) {
        assert!(after - before < 30 * MEGABYTE, "from {before} to {after} bytes");
    }
}

#[tokio::test]
async fn a_compressed_file_that_is_cut_off_is_handled_up_to_there() {
    let ids: Vec<_> = (0..2000).map(|id| format!("{id:x}{}", id * 7919 % 1009)).collect();
    let file = gzip(lines(ids.iter().map(String::as_str))).await;
    let (ended, seen) = run(&file[..file.len() / 2]).await;
    let error = ended.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Read(_)), "{error}");
    assert!(seen.len() > 100 && seen.len() < 2000 && seen == ids[..seen.len()], "{}", seen.len());
    assert_eq!((error.report().events, error.report().failed), (seen.len() as u64, 0), "half a line is no event");
    // The checksum at its end counts too.
    let mut damaged = file.clone();
    let end = damaged.len() - 6;
    damaged[end] ^= 1;
    assert!(matches!(run(&damaged).await.0.unwrap_err().kind(), ErrorKind::Read(_)));
}

#[tokio::test]
async fn garbage_between_events_costs_only_itself() {
    let garbage = [
        "garbage",
        "{",
        "}",
        "]",
        "null",
        "7",
        "{}",
        "\"",
        "\\",
        "[[[[",
        r#"{"event_type":"quest.done"}"#,
        r#"{"event_type":"quest.done","event_data":[]}"#,
        r#"{"event_type":"quest.done","event_data":{"id":7}}"#,
        r#"{"event_type":"nobody.knows","event_data":{}}"#,
    ];
    for garbage in garbage {
        let (report, seen) = run(format!("{}\n{garbage}\n{}", event("a"), event("b"))).await;
        let report = report.unwrap();
        assert_eq!((seen.concat().as_str(), report.failed), ("ab", 1), "{garbage}: {report}");
        assert_eq!((report.failures[0].number, report.failures[0].status), (2, 400), "{garbage}");
    }
    let binary = [lines(["a"]).as_bytes(), b"\xff\xfe\x00\n", lines(["b"]).as_bytes()].concat();
    let (report, seen) = run(binary).await;
    assert_eq!((seen.concat().as_str(), report.unwrap().failed), ("ab", 1));
}

#[tokio::test]
async fn garbage_in_an_array() {
    let (a, b) = (event("a"), event("b"));
    for garbage in ["garbage", "}", "7", "[]", "[[{\"a\":[1,2]}],3]", "{}", "\"],[\""] {
        let (report, seen) = run(format!("[{a},{garbage},{b}]")).await;
        let report = report.unwrap();
        assert_eq!((seen.concat().as_str(), report.failed), ("ab", 1), "{garbage}: {report}");
        assert_eq!(report.failures[0].number, 2);
    }
    // Nothing shows where an open bracket or quote should have ended.
    for garbage in ["{", "[", "\""] {
        let (ended, seen) = run(format!("[{a},{garbage},{b}]")).await;
        let error = ended.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::CutOff), "{error}");
        assert_eq!((seen.concat().as_str(), error.report().failed), ("a", 1), "{garbage}");
    }
}

#[tokio::test]
async fn nesting_without_end() {
    for deep in ["[".repeat(500_000), "{\"a\":".repeat(100_000), format!("[{}", "[".repeat(900_000))] {
        let (ended, seen) = run(format!("{}\n{deep}\n{}", event("a"), event("b"))).await;
        assert_eq!((seen.concat().as_str(), ended.unwrap().failed), ("ab", 1));
        let (ended, seen) = run(&deep).await;
        // The arrays are not closed.
        let report = ended.unwrap_or_else(|error| error.report().clone());
        assert_eq!((seen.len(), report.events, report.failed), (0, 1, 1));
    }
}

/// `[7,7,7,…]` is read as a stream. A build without optimization reads fewer elements.
#[tokio::test]
async fn an_array_with_a_million_elements() {
    let count = if cfg!(debug_assertions) { 50_000 } else { 1_000_000 };
    let file = format!("[{}]", vec!["7"; count].join(","));
    let (report, _) = run(file).await;
    let report = report.unwrap();
    assert_eq!((report.failed, report.failures.len()), (count as u64, 100));
    assert_eq!(report.failures_left_out(), count as u64 - 100);
}

#[tokio::test]
async fn texts_of_a_file_are_cut_and_escaped_in_the_report() {
    let long = "x".repeat(100_000);
    let escape = "\\u001b[2J\\n".repeat(2);
    let file =
        format!(r#"{{"event_id":"{long}","idempotency_key":"{escape}","event_type":"{long}","event_data":{{}}}}"#);
    let (report, _) = run(file).await;
    let report = report.unwrap();
    assert!(report.to_string().len() < 2000 && !report.to_string().contains('\u{1b}'), "{report}");
    let failure = &report.failures[0];
    assert_eq!(failure.event.as_ref().map(|event| event.chars().count()), Some(301));
}

#[tokio::test]
async fn the_observer_sees_each_line() {
    let watcher = Watcher::default();
    let hooks = hooks().observer(watcher.clone()).body_limit(1000);
    let file = format!("{}\n{}\ngarbage\n{}\n", event("a"), event("refused"), "x".repeat(2000));
    let (report, _) = run_at(&hooks, file).await;
    assert_eq!(report.unwrap().failed, 3);
    assert_eq!(
        watcher.seen(),
        [
            "quest.done whevt_a answered true",
            "quest.done whevt_refused refused true",
            "other  malformed true",
            "other  too_large true"
        ]
    );
}
