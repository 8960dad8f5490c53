//! The lines, files and exit codes of `listen`.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Inspector, SECRET, item_add, listen, receiver_with};

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_when_the_awaited_event_is_accepted() {
    let (_server, url) = receiver_with(None).await;
    let mut inspector = Inspector::start(&["--forward", &url, "--until", "item.*", "--timeout", "30s"]);
    let mut nobody = aghanim_hooks::testing::sample_request("player.verify").unwrap();
    nobody["event_data"]["player_id"] = json!("nobody");
    inspector.deliver(&nobody).await;
    assert_eq!(inspector.line("delivery")["status"], 404);
    inspector.deliver(&json!({"event_type": "item.add", "event_data": {}})).await;
    assert_eq!(inspector.line("delivery")["status"], 400, "an answer that is not a yes does not end it");
    assert_eq!(inspector.child.try_wait().unwrap(), None);
    inspector.deliver(&item_add("k1")).await;
    assert_eq!(inspector.line("delivery")["event"], "item.add");
    assert_eq!(inspector.exit().code(), Some(0));
}

#[test]
fn it_ends_with_the_code_for_a_timeout_when_the_event_does_not_come() {
    let started = Instant::now();
    let mut inspector = Inspector::start(&["--until", "item.add", "--timeout", "300ms"]);
    assert_eq!(inspector.exit().code(), Some(4));
    assert!(started.elapsed() >= Duration::from_millis(300));
    let output = listen(&["--ephemeral", "--timeout", "1s"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "--timeout needs --until");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_get_lines_without_colours_or_controls() {
    let mut command = std::process::Command::new(snapbox::cmd::cargo_bin!("aghanim-hooks"));
    let mut child = command
        .args(["listen", "--port", "0", "--page-port", "0", "--ephemeral", "--until", "item.add"])
        .env("AGHANIM_WEBHOOK_SECRET", SECRET)
        .env("NO_COLOR", "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap())).map(Result::unwrap);
    let first = lines.next().unwrap();
    let address = first.strip_prefix("listening  http://").unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(first.contains("(page: http://127.0.0.1:") && first.contains("/#token="), "{first}");
    let mut odd = item_add("k1");
    odd["event_type"] = json!("odd.\u{1b}[31m\n");
    for event in [odd, item_add("k1")] {
        aghanim_hooks_tests::signed(&super::secret(), event.to_string()).send(address).await.unwrap();
    }
    let rest: Vec<_> = lines.collect();
    assert_eq!(rest.len(), 2, "{rest:?}");
    assert!(rest[0].contains("odd.\u{fffd}[31m\u{fffd}: refused: unknown_event_type"), "{rest:?}");
    assert!(rest[1].contains("#2  item.add: accepted  200  ") && rest[1].contains("signature valid"), "{rest:?}");
    assert!(rest.iter().all(|line| !line.contains('\u{1b}')), "{rest:?}");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_port_in_use_is_said_before_anything_else() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for option in ["--port", "--page-port"] {
        let mut command = std::process::Command::new(snapbox::cmd::cargo_bin!("aghanim-hooks"));
        let other = if option == "--port" { "--page-port" } else { "--port" };
        let output = command
            .args(["listen", "--ephemeral", "--until", "none", "--timeout", "1s", option, &port, other, "0"])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty(), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(&format!("choose another {option}")), "{output:?}");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_recorded_for_their_owner_and_redacted() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = TempDir::new().unwrap();
    let recorded = directory.path().join("recorded");
    let arguments = ["--record", recorded.to_str().unwrap(), "--redact", "player_id,event_data.items.name"];
    let inspector = Inspector::start(&arguments);
    inspector.deliver(&item_add("k1")).await;
    let mut outside = item_add("k2");
    outside["event_type"] = json!("../../outside");
    inspector.deliver(&outside).await;
    let files = super::until(async || {
        let files = std::fs::read_dir(&recorded).ok()?.map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
        // Each is complete once its last line is.
        let is_whole = |file| std::fs::read_to_string(file).is_ok_and(|text| text.ends_with("}\n"));
        (files.len() == 2 && files.iter().all(is_whole)).then_some(files)
    })
    .await;
    for file in files {
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(!text.contains("2D2R") && !text.contains("x-aghanim-signature"), "{text}");
        let recording: Value = serde_json::from_str(&text).unwrap();
        let body: Value = serde_json::from_str(recording["body"]["text"].as_str().unwrap()).unwrap();
        let data = &body["event_data"];
        assert_eq!((&data["player_id"], &data["items"][0]["name"]), (&json!("player_id_1"), &json!("name_1")));
        assert_eq!(data["items"][0]["sku"], "gems_100");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_signal_to_end_finishes_what_is_open() {
    let mut inspector = Inspector::start(&["--delay", "500ms"]);
    let address = inspector.deliveries;
    let event = item_add("k1").to_string();
    let open = tokio::spawn(async move { aghanim_hooks_tests::signed(&super::secret(), event).send(address).await });
    super::until(async || (!inspector.deliveries().await.is_empty()).then_some(())).await;
    let pid = inspector.child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(open.await.unwrap().unwrap().status, 200);
    assert_eq!(inspector.exit().code(), Some(0));
}
