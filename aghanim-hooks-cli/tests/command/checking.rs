use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};

use aghanim_hooks_tests::receiver::{FLAWS, Flaw};
use serde_json::Value;
use tempfile::TempDir;

use super::{SECRET, command, receiver_with, run, stdout};

/// The exit code, and the scenarios that failed.
async fn check(flaw: Option<Flaw>) -> (i32, Vec<String>) {
    let (_server, url) = receiver_with(flaw).await;
    let output = run(command(&["check", &url, "--json"])).await;
    let lines: Vec<Value> = stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let failed = lines.iter().filter(|line| line["verdict"] == "failed");
    let failed = failed.map(|line| line["scenario"].as_str().unwrap().to_owned()).collect();
    (output.get_output().status.code().unwrap(), failed)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_without_a_flaw_is_green() {
    assert_eq!(check(None).await, (0, vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_receiver_is_red_for_the_right_reason() {
    let mut mistakes = Vec::new();
    for (flaw, meant, related) in FLAWS {
        let (code, failed) = check(Some(*flaw)).await;
        let is_related = |name: &String| name == meant || related.contains(&name.as_str());
        if code != 1 || !failed.iter().any(|name| name == meant) || !failed.iter().all(is_related) {
            mistakes.push(format!("{flaw:?} is to fail {meant}: exit code {code}, and {failed:?}"));
        }
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_scenario_has_a_line_and_a_test_case() {
    let directory = TempDir::new().unwrap();
    let junit = directory.path().join("report.xml");
    let (_server, url) = receiver_with(Some(Flaw::StaleAccepted)).await;
    let output = run(command(&["check", &url, "--junit", junit.to_str().unwrap()])).await.code(1);
    let text = stdout(&output);
    let line = text.lines().find(|line| line.starts_with("FAILED")).unwrap_or_else(|| panic!("{text}"));
    let expected = "FAILED  time/stale: sent `player.verify` signed a year ago; expected a 4xx, since ";
    assert!(line.starts_with(expected) && line.contains("; came 200 OK"), "{line}");
    assert!(text.ends_with(" skipped\n") && text.contains("FAILED: "), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    let junit = std::fs::read_to_string(junit).unwrap();
    assert_eq!(junit.matches("<testcase ").count(), text.lines().count() - 1);
    assert_eq!(junit.matches("<failure ").count(), 1, "{junit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_said_once_and_first() {
    let (_server, url) = receiver_with(None).await;
    let output = run(command(&["check", &url]).env("AGHANIM_WEBHOOK_SECRET", "whsec_of_another_webhook")).await.code(1);
    let text = stdout(&output);
    let mut lines = text.lines();
    let first = lines.next().unwrap();
    assert!(first.starts_with("FAILED  authentication/signed-event"), "{text}");
    assert!(first.contains("another secret than this run") && first.contains("AGHANIM_WEBHOOK_SECRET"), "{text}");
    assert!(lines.next_back().unwrap().starts_with("FAILED: 0 passed, 1 failed, 0 with advice, "), "{text}");
    assert!(
        lines.all(|line| line.starts_with("skipped") && line.ends_with("the receiver refuses this secret")),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_asked_for_must_be_handled() {
    let (_server, url) = receiver_with(None).await;
    let output = run(command(&["check", &url, "--event", "player.verify", "--event", "store.get"])).await.code(1);
    let text = stdout(&output);
    assert!(text.contains("FAILED  answers/answer-shape: sent a signed `store.get`, which was asked for"), "{text}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn effects_can_be_counted_by_a_command() {
    let (_server, url) = receiver_with(Some(Flaw::NoDedupe)).await;
    let counting = format!(
        "'{}' trigger player.verify --json --to {url} | sed 's/.*amount[^0-9]*\\([0-9]*\\).*/\\1/'",
        snapbox::cmd::cargo_bin!("aghanim-hooks").display()
    );
    let output = run(command(&["check", &url, "--event", "item.add", "--effects", &counting])).await.code(1);
    assert!(stdout(&output).contains("effects: 3"), "{}", stdout(&output));
    let output = run(command(&["check", &url, "--event", "item.add", "--effects", "echo many"])).await.code(0);
    assert!(stdout(&output).contains("prints `many`, which is not a number"), "{}", stdout(&output));
}

/// The example of this workspace, as a process of its own.
struct Example {
    child: Child,
    url: String,
}

impl Example {
    fn start(directory: &TempDir) -> Self {
        let mut child = std::process::Command::new(built())
            .args(["--database", &format!("sqlite:{}", directory.path().join("game.db").display())])
            .env("PORT", "0")
            .env("AGHANIM_WEBHOOK_SECRET", SECRET)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let line = lines.find(|line| line.contains("http://127.0.0.1:")).expect("it prints where it listens");
        let address = line.split("http://").nth(1).unwrap().split('/').next().unwrap();
        let url = format!("http://{address}/webhook");
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url }
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        // It has usually ended by now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Builds `exactly_once`, and returns its path: beside the command's own.
fn built() -> PathBuf {
    let build = ["build", "--quiet", "--locked", "-p", "aghanim-hooks-examples", "--bin", "exactly_once"];
    let status = std::process::Command::new(env!("CARGO")).args(build).current_dir(env!("CARGO_MANIFEST_DIR")).status();
    assert!(status.unwrap().success());
    snapbox::cmd::cargo_bin!("aghanim-hooks").with_file_name(format!("exactly_once{}", std::env::consts::EXE_SUFFIX))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_exactly_once_is_green_and_its_effects_are_seen() {
    let directory = TempDir::new().unwrap();
    let example = Example::start(&directory);
    let output = run(command(&["check", &example.url, "--event", "player.verify", "--event", "item.add"])).await;
    let text = stdout(&output);
    assert_eq!(output.get_output().status.code(), Some(0), "{text}");
    assert_eq!(text.matches("effects: 1").count(), 5, "{text}");
}
