//! The documented sample, in Python, gets the verdict that it deserves.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{SECRET, command, run, stdout};

/// Names a Python with FastAPI; `python3` unless set.
const VARIABLE: &str = "AGHANIM_TEST_PYTHON";

struct Sample(Child);

impl Drop for Sample {
    fn drop(&mut self) {
        // It has usually ended by now.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(python: &str, port: u16) -> Sample {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures");
    let child = Command::new(python)
        .args(["-m", "uvicorn", "fastapi_sample:app", "--port", &port.to_string(), "--app-dir"])
        .arg(fixtures)
        .env("AGHANIM_WEBHOOK_SECRET", SECRET)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(started.elapsed() < Duration::from_mins(1), "the sample does not listen");
        std::thread::sleep(Duration::from_millis(50));
    }
    Sample(child)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_sample_gets_an_honest_verdict() {
    let python = std::env::var(VARIABLE).unwrap_or_else(|_| "python3".to_owned());
    let has_fastapi = Command::new(&python).args(["-c", "import fastapi, uvicorn"]).stderr(Stdio::null()).status();
    if !has_fastapi.is_ok_and(|status| status.success()) {
        aghanim_hooks_tests::skip("the documented sample", "there is no python3 with FastAPI and uvicorn");
        return;
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let _sample = start(&python, port);
    let url = format!("http://127.0.0.1:{port}/webhook");
    let output = run(command(&["check", &url, "--json"])).await.code(1);
    let text = stdout(&output);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |verdict: &str| -> Vec<&str> {
        lines.iter().filter(|line| line["verdict"] == verdict).map(|line| line["scenario"].as_str().unwrap()).collect()
    };
    // It signs and routes as documented. It does not look at the time, keeps no keys, takes the first of two headers,
    // fails where a body is no event, and refuses a player in a shape of the framework's.
    let failed = [
        "doubled-signature",
        "doubled-timestamp",
        "stale",
        "malformed-json",
        "duplicates-in-sequence",
        "duplicates-in-parallel",
        "same-key-other-event-id",
        "refusal-shape",
    ];
    assert_eq!(of("failed"), failed, "{text}");
    assert_eq!(of("advice"), ["same-event-id-without-key"], "{text}");
    for passed in ["unsigned", "other-secret", "altered-whitespace", "unusual-formatting", "answer-shape", "error-text"]
    {
        assert!(of("passed").contains(&passed), "{passed}\n{text}");
    }
}
