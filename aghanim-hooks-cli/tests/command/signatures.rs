use std::time::{SystemTime, UNIX_EPOCH};

use aghanim_hooks::Secret;
use serde_json::Value;
use snapbox::cmd::Command;

use super::{SECRET, command, stdout};

const BODY: &str = "{\"event_type\":\"player.verify\",\"event_data\":{\"player_id\":\"p1\"}}";

fn sign(body: &str) -> (String, String) {
    let output = stdout(&command(&["sign", "--json"]).stdin(body).assert().success());
    let signed: Value = serde_json::from_str(&output).unwrap();
    (signed["signature"].as_str().unwrap().to_owned(), signed["timestamp"].as_str().unwrap().to_owned())
}

fn verify(signature: &str, timestamp: &str, body: &str) -> Command {
    command(&["verify", "--signature", signature, "--timestamp", timestamp]).stdin(body.to_owned())
}

#[test]
fn what_it_signs_is_what_the_library_signs_and_verifies() {
    let (signature, timestamp) = sign(BODY);
    assert_eq!(signature, Secret::new(SECRET).unwrap().sign(timestamp.as_bytes(), BODY.as_bytes()).to_string());
    verify(&signature, &timestamp, BODY).assert().code(0).stdout_eq("valid: this secret signed these bytes\n");
}

#[test]
fn the_reason_is_exact() {
    let (signature, timestamp) = sign(BODY);
    for (body, reason) in [
        (format!("{BODY}\n"), "altered: the signature would match the body without the newline"),
        (
            BODY.replace("\":", "\": "),
            "altered: the signature would match the body when it is written without white space",
        ),
        (BODY.replace("p1", "p2"), "no match: another secret signed it, or the body"),
    ] {
        let output = verify(&signature, &timestamp, &body).assert().code(1);
        assert!(stdout(&output).starts_with(reason), "{}", stdout(&output));
    }
    let other =
        verify(&signature, &timestamp, BODY).env("AGHANIM_WEBHOOK_SECRET", "whsec_somebody_elses").assert().code(1);
    assert!(stdout(&other).starts_with("no match"));
    let stale = command(&["verify", "--signature", &signature, "--timestamp", &timestamp, "--at", "+4days"]);
    let stale = stale.stdin(BODY).assert().code(1);
    assert!(stdout(&stale).starts_with("stale: properly signed, but 4days"), "{}", stdout(&stale));
    let json = command(&["verify", "--signature", "zz", "--timestamp", "1", "--json"]).stdin(BODY).assert().code(1);
    assert_eq!(serde_json::from_str::<Value>(&stdout(&json)).unwrap()["verdict"], "malformed");
}

#[test]
fn the_secret_comes_from_a_variable_a_file_or_standard_input() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("secret");
    std::fs::write(&file, format!("{SECRET}\n")).unwrap();
    let body = directory.path().join("body");
    std::fs::write(&body, BODY).unwrap();
    let (file, body) = (file.to_str().unwrap(), body.to_str().unwrap());
    let at = ["sign", body, "--at", "1714147200"];
    let usual = stdout(&command(&at).assert().success());
    let bare = |more: &[&str]| command(&[&at, more].concat()).env_remove("AGHANIM_WEBHOOK_SECRET");
    for more in [&["--secret-file", file][..], &["--insecure-secret", SECRET]] {
        assert_eq!(stdout(&bare(more).assert().success()), usual);
    }
    assert_eq!(stdout(&bare(&["--secret-file", "-"]).stdin(SECRET).assert().success()), usual);
    assert_eq!(stdout(&bare(&["--secret-env", "OTHER"]).env("OTHER", SECRET).assert().success()), usual);

    let none = bare(&[]).assert().code(2);
    let error = String::from_utf8(none.get_output().stderr.clone()).unwrap();
    assert!(error.contains("AGHANIM_WEBHOOK_SECRET") && error.contains("--secret-file"), "{error}");
    // No option takes the secret itself, and the body and the secret cannot both come from standard input.
    bare(&["--secret", SECRET]).assert().code(2);
    command(&["sign", "-", "--secret-file", "-"]).stdin(SECRET).assert().code(2);
}

#[test]
fn a_signed_curl_command_has_all_of_the_request() {
    let command =
        stdout(&command(&["sign", "--curl", "http://127.0.0.1:1/webhook"]).stdin("{\"name\":\"O'Neil\"}").assert());
    assert!(command.starts_with("curl -i 'http://127.0.0.1:1/webhook'"), "{command}");
    assert!(command.contains("-H 'x-aghanim-signature: "), "{command}");
    assert!(command.ends_with("--data-raw '{\"name\":\"O'\\''Neil\"}'\n"), "{command}");
}

#[test]
fn it_can_sign_for_another_time() {
    let at = |time: &str| {
        let output = stdout(&command(&["sign", "--json", "--at", time]).stdin(BODY).assert().success());
        let signed: Value = serde_json::from_str(&output).unwrap();
        signed["timestamp"].as_str().unwrap().parse::<u64>().unwrap()
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    assert_eq!(at("2024-04-26T16:00:00Z"), 1_714_147_200);
    assert!(at("-1h").abs_diff(now - 3600) < 60);
}
