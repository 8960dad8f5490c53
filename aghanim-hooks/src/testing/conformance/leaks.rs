//! An error answer tells nothing about the server.

use serde_json::{Value, json};

use super::Level;
use super::authentication::base;
use super::run::{Run, set_header};
use super::scenario::{Finding, Group, Scenario};
use crate::signature::SIGNATURE_HEADER;

pub(super) const GROUP: Group = Group {
    name: "leaks",
    scenarios: &[
        Scenario {
            name: "error-text",
            level: Level::Basic,
            expected: "no stack, path, query or driver's text in an answer",
            why: "an error's text tells strangers what the server is made of",
            run: |run| Box::pin(error_text(run)),
        },
        Scenario {
            name: "expected-signature",
            level: Level::Basic,
            expected: "an answer without the right signature",
            why: "anyone who is told the right signature can sign any event",
            run: |run| Box::pin(expected_signature(run)),
        },
    ],
};

/// Parts of error texts, in lower case. No other answer contains them.
const TELLING: &[&str] = &[
    "traceback (most recent call last)",
    "file \"/",
    ".py\", line",
    "panicked at",
    ".rs:",
    "src/main.rs",
    "node_modules",
    "at object.",
    ".js:",
    ".java:",
    ".go:",
    ".php on line",
    "goroutine ",
    "exception in thread",
    "keyerror",
    "typeerror",
    "valueerror",
    "nullpointerexception",
    "sqlstate",
    "syntax error at or near",
    "no such table",
    "no such column",
    "sqlite",
    "psycopg",
    "sqlx::",
    "connection refused",
    "/home/",
    "/usr/",
    "/var/",
];

async fn error_text(run: &Run<'_>) -> Finding {
    let mut provocations = vec![
        ("broken JSON".to_owned(), run.sign("{\"event_type\":")),
        ("an unsigned body".to_owned(), {
            let mut wire = run.sign("{}");
            set_header(&mut wire, SIGNATURE_HEADER, "zz");
            wire
        }),
    ];
    for event in &run.handled {
        let sound = run.event(event);
        let mut without = sound.clone();
        without["event_data"] = json!({});
        provocations.push((format!("`{event}` without data"), run.signed(&without)));
        let mut mistyped = sound;
        if let Some(data) = mistyped["event_data"].as_object_mut() {
            data.values_mut()
                .for_each(|value| *value = if value.is_string() { json!(12) } else { json!("'; DROP TABLE x; --") });
        }
        provocations.push((format!("`{event}` with fields of other types"), run.signed(&mistyped)));
        let mut absent = run.event(event);
        absent["event_data"] = Value::Null;
        provocations.push((format!("`{event}` whose data are null"), run.signed(&absent)));
    }
    let mut last = None;
    for (what, wire) in provocations {
        let came = run.send(wire).await;
        let text = came.text().to_lowercase();
        if !came.accepted() && TELLING.iter().any(|telling| text.contains(telling)) {
            return Finding::of(false, what, came);
        }
        last = Some(came);
    }
    let came = last.map(|came| came.to_string()).unwrap_or_default();
    Finding::of(true, "broken bodies, and fields of other types", came)
}

async fn expected_signature(run: &Run<'_>) -> Finding {
    let (event, mut wire) = match base(run) {
        Ok(base) => base,
        Err(skipped) => return skipped,
    };
    let right = String::from_utf8_lossy(wire.headers[SIGNATURE_HEADER].as_bytes()).into_owned();
    set_header(&mut wire, SIGNATURE_HEADER, &"0".repeat(64));
    let came = run.send(wire).await;
    let holds = !came.text().to_lowercase().contains(&right);
    Finding::of(holds, format!("`{event}` with a wrong signature"), came).about(event)
}
