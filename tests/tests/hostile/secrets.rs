//! A secret appears in no output, in whatever way a run goes wrong.

use std::fmt::Write as _;
use std::io::Write as _;
use std::panic;
use std::process::{Command, Stdio};

use aghanim_hooks::idempotency::MemoryStore;
use aghanim_hooks::signature::{Secrets, Verifier};
use aghanim_hooks::{Secret, Webhooks};
use aghanim_hooks_tests::{Request, Server, signed};
use axum::{Router, routing::post};

use crate::receiver::{Log, item_add, player_verify};

/// Unlike anything else that a program prints.
const CANARY: &str = "whsec_canary_7f3a9e51c0d84b26";
const PREVIOUS: &str = "whsec_canary_1b6e0d92a7c35f48";

/// Asserts that neither secret, nor a half of one in any common form, is in the output.
fn assert_clean(what: &str, output: &str) {
    for secret in [CANARY, PREVIOUS] {
        let bytes = secret.as_bytes();
        let array = format!("{bytes:?}");
        for form in [&secret[6..], &secret[13..], &const_hex::encode(bytes)[12..], &array[1..array.len() - 1]] {
            assert!(!output.contains(form), "{what}: {form:?} is in {output:.3000}");
        }
    }
}

#[tokio::test]
async fn a_run_at_the_level_trace_prints_no_secret() {
    let (log, _guard) = Log::record("trace");
    let secret = Secret::new(CANARY).unwrap();
    let hooks = Webhooks::<crate::receiver::Seen>::new(secret.clone(), crate::receiver::handlers())
        .or_secret(Secret::new(PREVIOUS).unwrap())
        .idempotency(MemoryStore::new());
    println!("{hooks:?}");
    assert_clean("the endpoint's Debug", &format!("{hooks:?} {hooks:#?}"));
    let router = Router::new().route("/webhook", post(hooks)).with_state(crate::receiver::Seen::default());
    let server = Server::start(router).await.unwrap();
    let stranger = Secret::new("another secret...").unwrap();
    let mut answers = String::new();
    for request in [
        signed(&secret, item_add(r#","idempotency_key":"k""#)),
        signed(&secret, item_add(r#","idempotency_key":"k""#)),
        signed(&secret, player_verify("nobody")),
        signed(&secret, player_verify("fail")),
        signed(&secret, player_verify("panic")),
        signed(&secret, "{"),
        signed(&secret, item_add("").replace("item.add", "x.y")),
        signed(&stranger, item_add("")),
        Request::post(item_add("")),
    ] {
        let answer = request.send(server.address()).await.unwrap();
        write!(answers, "{:?}{}", answer.headers, String::from_utf8_lossy(&answer.body)).unwrap();
    }
    let text = log.text();
    assert!(text.contains("a handler panicked") && text.contains("no active secret"), "{text:.2000}");
    assert_clean("the log", &text);
    assert_clean("the answers", &answers);
}

#[test]
fn no_debug_error_or_panic_prints_a_secret() {
    let (one, other) = (Secret::new(CANARY).unwrap(), Secret::new(PREVIOUS).unwrap());
    let secrets = Secrets::new(one.clone()).or(other.clone());
    let verifier = Verifier::new(secrets.clone()).or(Some(other)).or(None);
    assert_clean("Debug", &format!("{one:?} {one:#?} {secrets:?} {secrets:#?} {verifier:?} {verifier:#?}"));
    for wrong in [format!("{CANARY}\n"), format!(" {CANARY}"), CANARY[..10].to_owned()] {
        let error = Secret::new(&wrong).unwrap_err();
        assert_clean("an error", &format!("{error} {error:?} {error:#?}"));
        let panic = panic::catch_unwind(|| drop(Secret::new(&wrong).expect("a secret"))).unwrap_err();
        assert_clean("a panic", panic.downcast_ref::<String>().unwrap());
    }
}

/// The name of the test that runs as a process of its own, with these variables set.
const CHILD: &str = "secrets::from_the_environment";

#[test]
fn secrets_from_the_environment_are_read_and_never_printed() {
    let program = std::env::current_exe().unwrap();
    for (current, previous, expected) in [
        (Some(CANARY), None, "2 of 3"),
        (Some(CANARY), Some(""), "2 of 3"),
        (Some(CANARY), Some(PREVIOUS), "3 of 3"),
        (None, Some(PREVIOUS), "environment variable `CURRENT`: not set"),
        (
            Some("whsec_canary_7f3a9e51c0d84b26\n"),
            None,
            "environment variable `CURRENT`: the webhook secret begins or ends with white space",
        ),
        (Some(CANARY), Some("whsec_ca"), "environment variable `PREVIOUS`: the webhook secret has 8 bytes"),
    ] {
        let mut command = Command::new(&program);
        command.args(["--exact", CHILD, "--nocapture", "--include-ignored"]).env("AGHANIM_SECRETS_CHILD", "1");
        for (name, value) in [("CURRENT", current), ("PREVIOUS", previous)] {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let output = command.stdin(Stdio::null()).output().unwrap();
        let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        assert!(text.contains(expected), "{current:?} and {previous:?}: {text}");
        assert_clean("a process", &text);
    }
}

#[test]
fn from_the_environment() {
    if std::env::var_os("AGHANIM_SECRETS_CHILD").is_none() {
        return;
    }
    let secrets = match Secrets::from_env("CURRENT", "PREVIOUS") {
        Ok(secrets) => secrets,
        Err(error) => return drop(writeln!(std::io::stderr(), "{error}\n{error:?}")),
    };
    // One more than the environment holds, to see that the optional one is added.
    let secrets = secrets.or(Secret::new("sixteen bytes!!!").unwrap());
    println!("{} of 3: {secrets:?}", secrets.iter().count());
}

#[tokio::test]
async fn a_guessable_secret_is_warned_of_when_the_endpoint_is_mounted() {
    let (log, _guard) = Log::record("warn");
    // The strong one first: it adds no line.
    for text in [CANARY, "testtesttesttest"] {
        assert_eq!(log.text(), "");
        let hooks = Webhooks::new(Secret::new(text).unwrap(), crate::receiver::handlers());
        let _app = Router::new().route("/webhook", post(hooks));
    }
    let text = log.text();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("a webhook secret is short or easy to guess") && !text.contains("testtest"), "{text}");
}
