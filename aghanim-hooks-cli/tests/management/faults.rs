//! Refused keys, answers that can't be read, and pauses.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use tempfile::TempDir;

use super::api::{Api, Fault, KEY};
use super::{run, stderr, stdout, text, webhooks};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_comes_from_the_environment_or_a_file_and_a_wrong_one_is_named() {
    let api = Api::with_two().await;
    let output = run(webhooks(&api, &["list"]).env("AGHANIM_API_KEY", "sk_of_another_game")).await.code(3);
    assert!(
        stderr(&output).contains("refused the API key (401 Unauthorized): set AGHANIM_API_KEY"),
        "{}",
        stderr(&output)
    );
    assert!(!stderr(&output).contains("sk_of"), "{}", stderr(&output));
    let output = run(webhooks(&api, &["list"]).env_remove("AGHANIM_API_KEY")).await.code(2);
    assert!(stderr(&output).contains("no API key: set AGHANIM_API_KEY"), "{}", stderr(&output));
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("key");
    std::fs::write(&file, format!("{KEY}\n")).unwrap();
    let of_file = webhooks(&api, &["list", "--api-key-file", text(&file)]).env_remove("AGHANIM_API_KEY");
    run(of_file).await.code(0);
    let of_variable =
        webhooks(&api, &["list", "--api-key-env", "OTHER"]).env_remove("AGHANIM_API_KEY").env("OTHER", KEY);
    run(of_variable).await.code(0);
    run(webhooks(&api, &["list", "--api-key-file", "-"]).env_remove("AGHANIM_API_KEY").stdin(KEY)).await.code(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_get_is_repeated_after_each_fault_that_may_pass() {
    let api = Api::with_two().await;
    api.fails("GET", Fault::Instead(StatusCode::INTERNAL_SERVER_ERROR, &[("retry-after", "0")], ""));
    api.fails("GET", Fault::CutOff);
    api.fails("GET", Fault::Instead(StatusCode::TOO_MANY_REQUESTS, &[("retry-after", "1")], ""));
    let started = Instant::now();
    let output = run(webhooks(&api, &["show", "wh_1"])).await.code(0);
    assert!(started.elapsed() >= Duration::from_secs(1), "Retry-After is honoured");
    assert_eq!(api.count("GET"), 4);
    assert_eq!(stderr(&output).matches("trying again in ").count(), 3, "{}", stderr(&output));
    assert!(stderr(&output).contains("the answer was cut off"), "{}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_that_stays_is_an_error_in_words() {
    let api = Api::with_two().await;
    api.fails("GET", Fault::Instead(StatusCode::BAD_GATEWAY, &[("retry-after", "0")], "<html>bad gateway</html>"));
    api.fails("GET", Fault::Instead(StatusCode::BAD_GATEWAY, &[("retry-after", "0")], "<html>bad\u{1b}gateway</html>"));
    let output = run(webhooks(&api, &["list", "--retries", "1"])).await.code(3);
    assert_eq!(api.count("GET"), 2);
    let text = stderr(&output);
    assert!(
        text.contains("error: Aghanim failed (502 Bad Gateway): try again later. It says: <html>bad gateway"),
        "{text}"
    );

    api.fails("GET", Fault::Instead(StatusCode::TOO_MANY_REQUESTS, &[("retry-after", "3600")], ""));
    let output = run(webhooks(&api, &["list"])).await.code(3);
    assert!(stderr(&output).contains("too many requests (429"), "an hour is not waited for: {}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_the_documented_one_is_not_taken_for_one() {
    let api = Api::with_two().await;
    let html: &[_] = &[("content-type", "text/html")];
    for (headers, body) in [(html, "<html>sign in</html>"), (&[], "{\"data\": []}"), (&[], "[{\"id\": \"wh_1\"}]")] {
        api.fails("GET", Fault::Instead(StatusCode::OK, headers, body));
        let output = run(webhooks(&api, &["list"])).await.code(3);
        assert!(stderr(&output).contains("is not what Aghanim documents"), "{}", stderr(&output));
        assert_eq!(stdout(&output), "");
    }
    let elsewhere: &[_] = &[("location", "https://elsewhere.example/")];
    api.fails("GET", Fault::Instead(StatusCode::MOVED_PERMANENTLY, elsewhere, ""));
    let output = run(webhooks(&api, &["list"])).await.code(3);
    assert!(stderr(&output).contains("redirects to https://elsewhere.example/"), "{}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_and_silence_have_their_exit_codes() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", listener.local_addr().unwrap());
    let at = |url: &str, retries: &str| {
        snapbox::cmd::Command::new(snapbox::cmd::cargo_bin!("aghanim-hooks")).env("AGHANIM_API_KEY", KEY).args([
            "webhooks",
            "list",
            "--api",
            url,
            "--retries",
            retries,
            "--timeout",
            "300ms",
        ])
    };
    let output = run(at(&silent, "0")).await.code(4);
    assert!(stderr(&output).contains("set --timeout"), "{}", stderr(&output));
    drop(listener);
    let output = run(at(&silent, "1")).await.code(3);
    assert!(stderr(&output).contains("can't reach"), "{}", stderr(&output));
    run(at("ftp://127.0.0.1", "0")).await.code(2);
    let output = run(at("http://api.example", "0")).await.code(2);
    assert!(stderr(&output).contains("in the clear"), "{}", stderr(&output));
}
