use std::path::PathBuf;

use aghanim_hooks_tests::receiver::Flaw;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{command, receiver_with, run, stdout};

async fn gems(url: &str) -> i64 {
    let output = run(command(&["trigger", "player.verify", "--to", url, "--json"])).await.success();
    let line: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let body: Value = serde_json::from_str(line["body"].as_str().unwrap()).unwrap();
    body["balances"][0]["amount"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_sent_and_its_answer_measured() {
    let (_server, url) = receiver_with(None).await;
    let output = run(command(&["trigger", "player.verify", "--to", &url])).await.code(0);
    assert!(stdout(&output).starts_with("player.verify: accepted  "), "{}", stdout(&output));
    assert!(stdout(&output).contains("200 OK {"), "{}", stdout(&output));

    let nobody = ["trigger", "player.verify", "--to", &url, "--set", "event_data.player_id=nobody"];
    let output = run(command(&nobody)).await.code(3);
    assert!(stdout(&output).starts_with("player.verify: refused: not_found: no such player"), "{}", stdout(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_does_not_fit_is_a_difference() {
    let (_server, url) = receiver_with(Some(Flaw::WrongShape)).await;
    let output = run(command(&["trigger", "player.verify", "--to", &url])).await.code(1);
    assert!(stdout(&output).contains("does not fit the event's contract"), "{}", stdout(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_a_refusal_and_silence_is_a_timeout() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = super::url(listener.local_addr().unwrap());
    run(command(&["trigger", "item.add", "--to", &url, "--timeout", "300ms"])).await.code(4);
    run(command(&["check", &url, "--timeout", "300ms"])).await.code(4);
    drop(listener);
    run(command(&["trigger", "item.add", "--to", &url])).await.code(3);
    run(command(&["check", &url])).await.code(3);
    run(command(&["trigger", "item.add", "--to", "ftp://127.0.0.1/"])).await.code(2);
    run(command(&["trigger", "no.such.event", "--to", &url])).await.code(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicates_are_the_same_bytes_in_sequence_and_at_once() {
    let (_server, url) = receiver_with(None).await;
    let many = ["trigger", "item.add", "--to", &url, "--key", "k1", "--repeat", "9", "--parallel", "3", "--json"];
    let output = run(command(&many)).await.code(0);
    assert_eq!(stdout(&output).lines().count(), 9);
    let once = gems(&url).await;
    run(command(&["trigger", "item.add", "--to", &url, "--key", "k2"])).await.code(0);
    assert_eq!(gems(&url).await, 2 * once);
}

#[tokio::test(flavor = "multi_thread")]
async fn data_come_from_standard_input_and_any_event_can_be_sent() {
    let (_server, url) = receiver_with(None).await;
    let own = ["trigger", "guild.joined", "--to", &url, "--data", "-"];
    let output = run(command(&own).stdin("{\"guild_id\":\"g1\"}")).await.code(3);
    assert!(stdout(&output).contains("unknown_event_type"), "{}", stdout(&output));
    let stale = ["trigger", "player.verify", "--to", &url, "--at", "-100days"];
    let output = run(command(&stale)).await.code(3);
    assert!(stdout(&output).contains("403"), "{}", stdout(&output));
}

/// Records an `item.add`, and returns the file.
async fn record(directory: &TempDir, url: &str) -> PathBuf {
    let recorded = directory.path().join("recorded");
    let arguments = ["trigger", "item.add", "--to", url, "--key", "k1", "--record", recorded.to_str().unwrap()];
    run(command(&arguments)).await.code(0);
    std::fs::read_dir(recorded).unwrap().next().unwrap().unwrap().path()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_delivery_is_verified_and_replayed() {
    let directory = TempDir::new().unwrap();
    let (_server, url) = receiver_with(None).await;
    let file = record(&directory, &url).await;
    let file = file.to_str().unwrap();
    let once = gems(&url).await;
    run(command(&["verify", "--recording", file])).await.code(0);
    for more in [&[][..], &["--exact"]] {
        run(command(&[&["replay", file], more].concat())).await.code(0);
    }
    assert_eq!(gems(&url).await, once, "the same key again");
    run(command(&["replay", file, "--set", "idempotency_key=k2"])).await.code(0);
    assert_eq!(gems(&url).await, 2 * once);
    // Another secret can't sign what this receiver takes.
    run(command(&["replay", file]).env("AGHANIM_WEBHOOK_SECRET", "whsec_somebody_elses")).await.code(3);
    run(command(&["replay", file, "--exact"]).env("AGHANIM_WEBHOOK_SECRET", "whsec_somebody_elses")).await.code(0);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_delivery_is_read_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = TempDir::new().unwrap();
    let (_server, url) = receiver_with(None).await;
    let file = record(&directory, &url).await;
    assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_delivery_is_exported_without_personal_data() {
    let directory = TempDir::new().unwrap();
    let (_server, url) = receiver_with(None).await;
    let file = record(&directory, &url).await;
    let file = file.to_str().unwrap();

    let curl = stdout(&run(command(&["export", file, "--as", "curl"])).await.code(0));
    assert!(curl.starts_with("curl -i") && curl.contains("player_id_1") && !curl.contains("2D2R"), "{curl}");

    let har = stdout(&run(command(&["export", file, "--as", "har"])).await.code(0));
    assert!(!har.contains("2D2R"), "{har}");
    let har: Value = serde_json::from_str(&har).unwrap();
    let entry = &har["log"]["entries"][0];
    assert_eq!((&entry["request"]["method"], &entry["response"]["status"]), (&json!("POST"), &json!(200)));

    let test = stdout(&run(command(&["export", file, "--as", "rust-test", "--app", "my_game::app"])).await.code(0));
    for part in [
        "#[tokio::test]",
        "my_game::app(secret.clone())",
        ".key(\"k1\")",
        "assert_eq!(answer.status, 200",
        "[\"status\"], \"ok\"",
    ] {
        assert!(test.contains(part), "{test}");
    }
    assert!(!test.contains("2D2R"), "{test}");

    let exact = stdout(&run(command(&["export", file, "--as", "curl", "--exact"])).await.code(0));
    assert!(exact.contains("2D2R"), "{exact}");
}
