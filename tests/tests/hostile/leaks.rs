//! Answers tell the caller nothing about the machine, and the log tells the operator which failure it was.

use crate::receiver::{Log, Receiver, item_add, player_verify};

#[tokio::test]
async fn a_failure_is_answered_with_the_id_of_its_log_line() {
    let (log, _guard) = Log::record("aghanim_hooks=info");
    let receiver = Receiver::start().await;
    let mut ids = Vec::new();
    for (player, cause) in
        [("fail", "connection to postgres://db.internal:5432 refused"), ("panic", "a bug near /etc/secrets")]
    {
        let answer = receiver.deliver(player_verify(player)).await;
        assert_eq!(answer.status, 500);
        let body = String::from_utf8(answer.body.clone()).unwrap();
        let id = body.split(['(', ')']).nth(1).unwrap_or_else(|| panic!("no id: {body}")).to_owned();
        assert_eq!(body, format!(r#"{{"status":"error","code":"internal_error","message":"Internal error ({id})"}}"#));
        let text = log.text();
        let line =
            text.lines().find(|line| line.contains(&id)).unwrap_or_else(|| panic!("{id} is not in the log: {text}"));
        assert!(line.contains("ERROR") && line.contains(cause), "{line}");
        ids.push(id);
    }
    assert_ne!(ids[0], ids[1]);
}

/// Words that name versions, paths, hosts or types of Rust.
const TELLING: [&str; 19] = [
    "hyper",
    "axum",
    " i64",
    "struct ",
    "enum ",
    "tokio",
    "serde",
    "sqlx",
    "rust",
    "::",
    ".rs",
    "/etc",
    "/usr",
    "/home",
    "postgres",
    "db.internal",
    "panicked",
    "0.1.0",
    "aghanim_hooks",
];

#[tokio::test]
async fn no_answer_names_a_version_a_path_or_a_type() {
    let receiver = Receiver::start().await;
    let bodies = [
        player_verify("p"),
        player_verify("nobody"),
        player_verify("fail"),
        player_verify("panic"),
        item_add(""),
        item_add("").replace("item.add", "x.y"),
        item_add("").replace("\"quantity\":1", "\"quantity\":1.5"),
        item_add("").replace("\"quantity\":1", "\"quantity\":[]"),
        item_add("").replace("\"items\":[", "\"items\":[null,"),
        item_add("").replace("\"player_id\":\"p\"", "\"player_id\":{}"),
        item_add(",\"sandbox\":3"),
        item_add(",\"event_time\":\"x\""),
        item_add("").replace("{\"id\"", "[\"id\""),
        "{".to_owned(),
        "[]".to_owned(),
        String::new(),
        format!("{}{}", "[".repeat(1000), "]".repeat(1000)),
        "\u{feff}{}".to_owned(),
    ];
    for body in bodies {
        let answer = receiver.deliver(&body).await;
        let headers =
            answer.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect::<Vec<_>>().concat();
        let wire = format!("{headers}\n{}", String::from_utf8(answer.body).unwrap()).to_lowercase();
        for word in TELLING {
            assert!(!wire.contains(word), "{body}: the answer contains {word:?}: {wire}");
        }
        assert!(!wire.contains("server:"), "{wire}");
    }
}
