//! The history: it survives, it is bounded, and only its owner can read it.

use std::path::Path;
use std::time::{Duration, Instant};

use aghanim_hooks_tests::signed;
use serde_json::json;
use tempfile::TempDir;

use super::{Inspector, item_add, listen, secret};

#[tokio::test(flavor = "multi_thread")]
async fn the_history_survives_a_restart_and_a_kill() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("state").join("history.db");
    let inspector = Inspector::with_history(&file, &[]);
    inspector.deliver(&item_add("k1")).await;
    let before = inspector.latest().await;
    inspector.kill();
    for restart in 1..=2 {
        let inspector = Inspector::with_history(&file, &[]);
        let id = before["id"].as_i64().unwrap();
        assert_eq!(inspector.ended(id).await, before, "restart {restart}");
        let again = inspector.deliver(&item_add("k1")).await;
        assert_eq!(again.status, 200);
        assert_eq!(inspector.latest().await["key_seen"], restart);
        inspector.kill();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_a_kill_left_open_says_so() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("history.db");
    let inspector = Inspector::with_history(&file, &["--delay", "1min"]);
    let open = signed(&secret(), item_add("k1").to_string());
    let address = inspector.deliveries;
    let sending = tokio::spawn(async move { open.send(address).await });
    super::until(async || (!inspector.deliveries().await.is_empty()).then_some(())).await;
    inspector.kill();
    assert!(sending.await.unwrap().is_err());
    let inspector = Inspector::with_history(&file, &[]);
    assert_eq!(inspector.latest().await["failure"], "the inspector ended before the answer");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn only_its_owner_can_read_the_history() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = TempDir::new().unwrap();
    let file = directory.path().join("state").join("history.db");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for existing in [false, true] {
        if existing {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        }
        let inspector = Inspector::with_history(&file, &[]);
        inspector.deliver(&item_add("k1")).await;
        inspector.latest().await;
        let files: Vec<_> =
            std::fs::read_dir(file.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(files.len() >= 2, "the database and its journal: {files:?}");
        for path in files {
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
        inspector.kill();
    }
    assert_eq!(mode(file.parent().unwrap()), 0o700);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_deliveries_are_removed() {
    let inspector = Inspector::start(&["--keep", "5", "--keep-mib", "1"]);
    for number in 0..12 {
        inspector.deliver(&item_add(&format!("k{number}"))).await;
    }
    let keys: Vec<_> = inspector.deliveries().await.iter().map(|delivery| delivery["key"].clone()).collect();
    assert_eq!(keys, ["k11", "k10", "k9", "k8", "k7"]);
    let mut large = item_add("large");
    large["event_data"]["reason"] = json!("x".repeat(700 * 1024));
    for _ in 0..3 {
        inspector.deliver(&large).await;
    }
    let status = inspector.get("/api/status").await;
    assert_eq!(status["count"], 1, "{status}");
    assert!(status["bytes"].as_u64().unwrap() < 1024 * 1024, "{status}");
    inspector.post("/api/clear", json!({})).await;
    let status = inspector.get("/api/status").await;
    assert_eq!((&status["count"], &status["bytes"]), (&json!(0), &json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cleared_is_not_in_the_files() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("history.db");
    let inspector = Inspector::with_history(&file, &[]);
    let mut event = item_add("k1");
    event["event_data"]["reason"] = json!("an-unmistakable-text");
    inspector.deliver(&event).await;
    inspector.latest().await;
    let is_there = || {
        let files =
            std::fs::read_dir(directory.path()).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
        files.into_iter().any(|bytes| bytes.windows(20).any(|window| window == b"an-unmistakable-text"))
    };
    assert!(is_there());
    inspector.post("/api/clear", json!({})).await;
    assert!(!is_there());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_another_program_is_left_alone() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("notes.txt");
    std::fs::write(&file, "my notes, which are longer than the header of a database".repeat(20)).unwrap();
    let before = std::fs::read(&file).unwrap();
    let output = listen(&["--history", file.to_str().unwrap(), "--until", "none", "--timeout", "1s"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("is not a history"), "{text}");
    assert_eq!(std::fs::read(&file).unwrap(), before);

    let game = directory.path().join("game.db");
    {
        use sqlx::Connection as _;

        let url = format!("sqlite:{}?mode=rwc", game.display());
        let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
        sqlx::query("CREATE TABLE grants (id INTEGER)").execute(&mut database).await.unwrap();
        database.close().await.unwrap();
    }
    let before = std::fs::read(&game).unwrap();
    let output = listen(&["--history", game.to_str().unwrap(), "--until", "none", "--timeout", "1s"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(std::fs::read(&game).unwrap(), before);
}

/// 128 bodies of 256 KiB are 32 MiB, of which 2 MiB are kept.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn memory_is_bounded_by_what_is_kept() {
    let inspector = Inspector::start(&["--keep-mib", "2"]);
    let resident = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", inspector.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    };
    let before = resident();
    let mut event = item_add("k1");
    event["event_data"]["reason"] = json!("x".repeat(256 * 1024));
    for _ in 0..32 {
        futures_util::future::join_all((0..4).map(|_| inspector.deliver(&event))).await;
    }
    let grown = resident().saturating_sub(before);
    assert!(grown < 24, "it grew from {before} by {grown} MiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_deliveries_are_listed_and_searched_quickly() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("history.db");
    drop(Inspector::with_history(&file, &[]));
    fill(&file, 10_000).await;
    let inspector = Inspector::with_history(&file, &[]);
    for (query, total) in [("", 10_000), ("?q=needle-77", 100), ("?event=order.*", 5_000), ("?status=4xx&key=k1", 0)] {
        let started = Instant::now();
        let page = inspector.get(&format!("/api/deliveries{query}")).await;
        let time = started.elapsed();
        assert_eq!(page["total"], total, "{query}");
        assert!(time < Duration::from_secs(1), "{query} took {time:?}");
    }
    let page = inspector.get("/api/deliveries?limit=2&before=9000").await;
    assert_eq!((&page["deliveries"][0]["id"], &page["more"]), (&json!(8999), &json!(true)));
}

/// Writes deliveries of 2 KiB into a history, which is faster than sending them.
async fn fill(file: &Path, count: usize) {
    use sqlx::Connection as _;

    let mut history = sqlx::SqliteConnection::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    sqlx::query(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1) \
         INSERT INTO deliveries (received, method, path, event, key, key_seen, verdict, status, origin, chaos, size, \
         stored, head, body) \
         SELECT 1714147200000 + n, 'POST', '/', CASE n % 2 WHEN 0 THEN 'order.paid' ELSE 'item.add' END, 'k' || n, 0, \
         'valid', 200, 'received', '[]', 2000, 2500, x'', \
         CAST('{\"a\":\"' || hex(zeroblob(1000)) || '\",\"b\":\"needle-' || (n % 100) || '-\"}' AS BLOB) FROM numbers",
    )
    .bind(i64::try_from(count).unwrap())
    .execute(&mut history)
    .await
    .unwrap();
    history.close().await.unwrap();
}
