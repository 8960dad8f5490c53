//! A recorded delivery becomes a passing test in one command.

use aghanim_hooks_tests::receiver::receiver;
use axum::Router;
use tempfile::TempDir;

use super::{Inspector, item_add, receiver_with};

/// The game that the exported test sends its event to.
fn app(secret: aghanim_hooks::Secret) -> Router {
    receiver(secret, None)
}

/// The exported text, which is compiled and run as a test here. `SNAPSHOTS=overwrite` writes it anew.
const EXPORTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/inspector/recorded/item_add.rs");

include!("recorded/item_add.rs");

#[tokio::test(flavor = "multi_thread")]
async fn the_test_that_was_exported_is_the_one_that_passes_here() {
    let directory = TempDir::new().unwrap();
    let recorded = directory.path().join("recorded");
    let (_server, url) = receiver_with(None).await;
    let inspector = Inspector::start(&["--forward", &url, "--record", recorded.to_str().unwrap()]);
    let mut event = item_add("k1");
    event["event_data"]["player_id"] = "P-1".into();
    inspector.deliver(&event).await;
    let file = super::until(async || {
        let file = std::fs::read_dir(&recorded).ok()?.next()?.unwrap().path();
        // It is complete once its last line is.
        std::fs::read_to_string(&file).is_ok_and(|text| text.ends_with("}\n")).then_some(file)
    })
    .await;
    let export = std::process::Command::new(snapbox::cmd::cargo_bin!("aghanim-hooks"))
        .args(["export", file.to_str().unwrap(), "--as", "rust-test", "--app", "app"])
        .output()
        .unwrap();
    let text = String::from_utf8(export.stdout).unwrap();
    // The name ends with the time of the recording.
    let (name, rest) = text.split_once("recorded_item_add_").unwrap();
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let text = format!("{name}recorded_item_add_1714147200{rest}");
    if std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite") {
        std::fs::write(EXPORTED, text).unwrap();
        return;
    }
    assert_eq!(text, std::fs::read_to_string(EXPORTED).unwrap());
}
