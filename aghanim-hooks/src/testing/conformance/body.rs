//! Bodies: broken, new, large and slow.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::authentication::base;
use super::run::{Came, Run, UNKNOWN};
use super::scenario::{Finding, Group, Scenario, all};
use super::{Level, Pace, Unanswered, Verdict};

const LARGE: usize = 3 * 1024 * 1024;

pub(super) const GROUP: Group = Group {
    name: "body",
    scenarios: &[
        Scenario {
            name: "malformed-json",
            level: Level::Basic,
            expected: "a 4xx",
            why: "a 5xx is sent again for ever, and a 2xx says that something was done",
            run: |run| Box::pin(malformed_json(run)),
        },
        Scenario {
            name: "unknown-event",
            level: Level::Basic,
            expected: "a 4xx (Aghanim's documented handler answers 400), or a 2xx",
            why: "Aghanim adds events; a 5xx is sent again for ever",
            run: |run| Box::pin(unknown_event(run)),
        },
        Scenario {
            name: "unusual-formatting",
            level: Level::Basic,
            expected: "a 2xx",
            why: "the signature is over the body's bytes: white space, escapes and the order of keys are the sender's",
            run: |run| Box::pin(unusual_formatting(run)),
        },
        Scenario {
            name: "unknown-keys",
            level: Level::Basic,
            expected: "a 2xx",
            why: "Aghanim adds fields, and a receiver that is stricter loses purchases",
            run: |run| Box::pin(unknown_keys(run)),
        },
        Scenario {
            name: "smallest-envelope",
            level: Level::Basic,
            expected: "a 2xx",
            why: "Aghanim documents requests that have no more than this",
            run: |run| Box::pin(smallest_envelope(run)),
        },
        Scenario {
            name: "large-body",
            level: Level::Basic,
            expected: "an answer that is no 5xx, and the next event accepted",
            why: "a body of any size comes from strangers, and must not stop the server",
            run: |run| Box::pin(large_body(run)),
        },
        Scenario {
            name: "slow-body",
            level: Level::Full,
            expected: "a 2xx",
            why: "a body may come in several packets, over a second",
            run: |run| Box::pin(slow_body(run)),
        },
        Scenario {
            name: "deep-json",
            level: Level::Full,
            expected: "an answer that is no 5xx, and the next event accepted",
            why: "a parser that calls itself for each level can be made to use up its stack",
            run: |run| Box::pin(deep_json(run)),
        },
        Scenario {
            name: "endless-body",
            level: Level::Full,
            expected: "an answer or an end of the connection within 20 seconds",
            why: "connections that are held open use up the server",
            run: |run| Box::pin(endless_body(run)),
        },
    ],
};

async fn malformed_json(run: &Run<'_>) -> Finding {
    let bodies: [(&str, Bytes); 7] = [
        ("half an object", Bytes::from_static(br#"{"event_type":"#)),
        ("nothing", Bytes::new()),
        ("`null`", Bytes::from_static(b"null")),
        ("a list", Bytes::from_static(b"[]")),
        ("an object without an event", Bytes::from_static(b"{}")),
        ("an event's type that is a number", Bytes::from_static(br#"{"event_type":1,"event_data":{}}"#)),
        ("what is not UTF-8", Bytes::from_static(b"{\"event_type\":\"\xff\xfe\",\"event_data\":{}}")),
    ];
    let wires = bodies.map(|(what, body)| (format!("{what}, signed"), run.sign(body)));
    all(run, "bodies that are no event, signed", wires, Came::refused).await
}

async fn unknown_event(run: &Run<'_>) -> Finding {
    let mut envelope = run.event(UNKNOWN);
    envelope["event_data"] = json!({"anything": 1});
    let came = run.send(run.signed(&envelope)).await;
    Finding::of(came.refused() || came.accepted(), format!("a signed `{UNKNOWN}`"), came)
}

async fn unusual_formatting(run: &Run<'_>) -> Finding {
    let Some(event) = run.base else { return Finding::skipped("no signed event is accepted") };
    let Value::Object(fields) = run.event(event) else { return Finding::skipped("the event is no object") };
    // The type's first letter is an escape, the keys are in reverse order, and there is white space of every kind.
    let escaped =
        format!("\"\\u{:04x}{}\"", u32::from(event.chars().next().unwrap_or('?')), event.get(1..).unwrap_or_default());
    let written: Vec<_> = fields
        .iter()
        .rev()
        .map(|(key, value)| {
            let value = if key == "event_type" { escaped.clone() } else { format!("{value:#}") };
            format!("\t\"{key}\" :\r\n {value}")
        })
        .collect();
    let came = run.send(run.sign(format!(" {{\n{}\n}} \n", written.join(" ,\n")))).await;
    let sent = format!("a signed `{event}` with unusual white space, escapes and order");
    Finding::of(came.accepted(), sent, came).about(event)
}

async fn unknown_keys(run: &Run<'_>) -> Finding {
    let Some(event) = run.base else { return Finding::skipped("no signed event is accepted") };
    let mut envelope = run.event(event);
    envelope["added_in_2031"] = json!({"deep": [1, {"deeper": null}]});
    // The keys of a lookup are the game's own.
    if event != "player.lookup" {
        envelope["event_data"]["added_in_2031"] = json!(["x", 1.5, true]);
    }
    envelope["trigger"] = json!("a.trigger.added.in.2031");
    let came = run.send(run.signed(&envelope)).await;
    Finding::of(came.accepted(), format!("a signed `{event}` with keys and a trigger nobody knows"), came).about(event)
}

async fn smallest_envelope(run: &Run<'_>) -> Finding {
    let Some(event) = run.base else { return Finding::skipped("no signed event is accepted") };
    let envelope = run.event(event);
    let smallest: serde_json::Map<_, _> = ["event_id", "event_type", "idempotency_key", "event_data", "context"]
        .map(|key| (key.to_owned(), envelope[key].clone()))
        .into_iter()
        .collect();
    let came = run.send(run.sign(Value::Object(smallest).to_string())).await;
    let sent = format!("a signed `{event}` with only id, type, key, data and context");
    Finding::of(came.accepted(), sent, came).about(event)
}

/// Sends the base event with more in it, and checks that the receiver still answers.
async fn survives(run: &Run<'_>, what: &str, more: String) -> Finding {
    let (event, _) = match base(run) {
        Ok(base) => base,
        Err(skipped) => return skipped,
    };
    let text = run.event(&event).to_string();
    let body = format!("{{\"padding\":{more},{}", &text[1..]);
    // A server that refuses early may close before its answer is read.
    let mut came = run.send(run.sign(body.clone())).await;
    for _ in 0..2 {
        if matches!(came.0, Err(Unanswered::Broken(_))) {
            came = run.send(run.sign(body.clone())).await;
        }
    }
    let alive = run.still_answers(&event).await;
    let sent = format!("a signed `{event}` {what}");
    if alive {
        return Finding::of(!came.failed(), sent, came).about(event);
    }
    Finding::of(false, sent, format!("{came}, and afterwards no event is accepted")).about(event)
}

async fn large_body(run: &Run<'_>) -> Finding {
    survives(run, "of 3 MiB", format!("\"{}\"", "x".repeat(LARGE))).await
}

async fn deep_json(run: &Run<'_>) -> Finding {
    let deep = 100_000;
    survives(run, "with 100,000 lists in each other", "[".repeat(deep) + &"]".repeat(deep)).await
}

async fn slow_body(run: &Run<'_>) -> Finding {
    let (event, mut wire) = match base(run) {
        Ok(base) => base,
        Err(skipped) => return skipped,
    };
    wire.pace = Pace::Pieces { count: 5, pause: Duration::from_millis(200) };
    let came = run.send(wire).await;
    Finding::of(came.accepted(), format!("a signed `{event}` in five pieces over a second"), came).about(event)
}

async fn endless_body(run: &Run<'_>) -> Finding {
    const HELD: Duration = Duration::from_secs(20);
    let (event, mut wire) = match base(run) {
        Ok(base) => base,
        Err(skipped) => return skipped,
    };
    wire.pace = Pace::Stops { pause: HELD + Duration::from_secs(5) };
    let started = std::time::Instant::now();
    let came = run.send(wire).await;
    let verdict = if started.elapsed() <= HELD { Verdict::Passed } else { Verdict::Advice };
    let came = format!("{came}, after {:.1} s", started.elapsed().as_secs_f64());
    Finding::new(verdict, format!("half a signed `{event}`, and then nothing"), came).about(event)
}
