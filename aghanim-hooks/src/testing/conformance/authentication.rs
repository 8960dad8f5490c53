//! Checks that only requests signed with the secret are accepted.

use serde_json::json;

use super::Wire;
use super::run::{Run, set_header};
use super::scenario::{Finding, Group, Scenario, all};
use super::{Level, Verdict};
use crate::signature::{SIGNATURE_HEADER, Secret, TIMESTAMP_HEADER};
use crate::testing::envelope::unsigned_headers;

const REFUSED: &str = "a 4xx (Aghanim's documented handler answers 403)";

pub(super) const GROUP: Group = Group {
    name: "authentication",
    scenarios: &[
        Scenario {
            name: "signed-event",
            level: Level::Basic,
            expected: "a 2xx to at least one event",
            why: "an endpoint that refuses what Aghanim signs loses purchases",
            run: |run| Box::pin(signed_event(run)),
        },
        Scenario {
            name: "unsigned",
            level: Level::Basic,
            expected: REFUSED,
            why: "anybody could grant items to himself",
            run: |run| Box::pin(unsigned(run)),
        },
        Scenario {
            name: "other-secret",
            level: Level::Basic,
            expected: REFUSED,
            why: "without this check, anyone can invent an event",
            run: |run| Box::pin(other_secret(run)),
        },
        Scenario {
            name: "altered-body",
            level: Level::Basic,
            expected: REFUSED,
            why: "what was bought must be what Aghanim signed",
            run: |run| Box::pin(altered_body(run)),
        },
        Scenario {
            name: "altered-whitespace",
            level: Level::Basic,
            expected: REFUSED,
            why: "the signature is over the body's bytes, not over what a parser makes of them",
            run: |run| Box::pin(altered_whitespace(run)),
        },
        Scenario {
            name: "altered-timestamp",
            level: Level::Basic,
            expected: REFUSED,
            why: "an old request could be made to look new",
            run: |run| Box::pin(altered_timestamp(run)),
        },
        Scenario {
            name: "malformed-signature",
            level: Level::Basic,
            expected: REFUSED,
            why: "a header of any form comes from strangers, and must not be an error of the server",
            run: |run| Box::pin(malformed_signature(run)),
        },
        Scenario {
            name: "body-parsed-first",
            level: Level::Basic,
            expected: "the answer that any unsigned request gets",
            why: "a parser that reads what strangers send is a way in, and tells them what is expected",
            run: |run| Box::pin(body_parsed_first(run)),
        },
    ],
};

async fn signed_event(run: &Run<'_>) -> Finding {
    let sent = match run.base {
        Some(base) => format!("a signed `{base}`"),
        None => "signed events of each type".to_owned(),
    };
    if run.secret_refused {
        let came = format!(
            "{}, as for an event that is signed with a random secret. So this receiver has another secret than this run: give \
             both the same one (the command reads AGHANIM_WEBHOOK_SECRET, or the file of --secret-file)",
            run.first
        );
        return Finding::of(false, sent, came);
    }
    Finding::of(run.base.is_some(), sent, &run.first)
}

/// The event that most scenarios send, as a request.
pub(super) fn base(run: &Run<'_>) -> Result<(String, Wire), Finding> {
    let event = run.base.ok_or_else(|| Finding::skipped("no signed event is accepted"))?;
    let envelope = run.event(event);
    Ok((event.to_owned(), run.signed(&envelope)))
}

/// Sends the base event after a change, and expects a refusal.
async fn changed(run: &Run<'_>, what: &str, change: impl FnOnce(&mut Wire)) -> Finding {
    let (event, mut wire) = match base(run) {
        Ok(base) => base,
        Err(skipped) => return skipped,
    };
    change(&mut wire);
    let came = run.send(wire).await;
    Finding::of(came.refused(), format!("`{event}` {what}"), came).about(event)
}

async fn unsigned(run: &Run<'_>) -> Finding {
    for (what, header) in [("without its signature", SIGNATURE_HEADER), ("without its timestamp", TIMESTAMP_HEADER)] {
        let finding = changed(run, what, |wire| drop(wire.headers.remove(header))).await;
        if finding.verdict != Verdict::Passed {
            return finding;
        }
    }
    changed(run, "without the signature's headers", |wire| wire.headers = unsigned_headers()).await
}

async fn other_secret(run: &Run<'_>) -> Finding {
    let other = Secret::new("whsec_of_somebody_else_entirely").expect("long enough");
    changed(run, "signed with another secret", |wire| {
        let timestamp = timestamp(wire);
        *wire = Wire::signed(&other, &timestamp, wire.body.clone());
    })
    .await
}

fn timestamp(wire: &Wire) -> String {
    String::from_utf8_lossy(wire.headers[TIMESTAMP_HEADER].as_bytes()).into_owned()
}

async fn altered_body(run: &Run<'_>) -> Finding {
    changed(run, "whose id was changed after it was signed", |wire| {
        let text = String::from_utf8_lossy(&wire.body).replacen("whevt_check", "whevt_chekc", 1);
        wire.body = text.into();
    })
    .await
}

async fn altered_whitespace(run: &Run<'_>) -> Finding {
    changed(run, "with a space and a newline added after it was signed", |wire| {
        let text = String::from_utf8_lossy(&wire.body).replacen("\"event_id\":", "\"event_id\": ", 1);
        wire.body = (text + "\n").into();
    })
    .await
}

async fn altered_timestamp(run: &Run<'_>) -> Finding {
    changed(run, "whose timestamp was moved by a second after it was signed", |wire| {
        let moved = timestamp(wire).parse::<u64>().unwrap_or_default() + 1;
        set_header(wire, TIMESTAMP_HEADER, &moved.to_string());
    })
    .await
}

async fn malformed_signature(run: &Run<'_>) -> Finding {
    let (event, wire) = match base(run) {
        Ok(base) => base,
        Err(skipped) => return skipped,
    };
    let long = "0".repeat(4096);
    let forms = ["", "0", "null", &"0".repeat(64), &"g".repeat(64), "ключ", &long];
    let wires = forms.map(|form| {
        let mut wire = wire.clone();
        set_header(&mut wire, SIGNATURE_HEADER, form);
        let shown: String = form.chars().take(12).collect();
        (format!("`{event}` with the signature `{shown}`, {} bytes long", form.len()), wire)
    });
    all(run, "signatures that are none, of any length and alphabet", wires, super::run::Came::refused)
        .await
        .about(event)
}

async fn body_parsed_first(run: &Run<'_>) -> Finding {
    let mut forged = run.sign("{ this is no JSON");
    set_header(&mut forged, SIGNATURE_HEADER, &"0".repeat(64));
    let mut valid = run.signed(&json!({"event_type": "player.verify", "event_data": {}}));
    set_header(&mut valid, SIGNATURE_HEADER, &"0".repeat(64));
    let (forged, valid) = (run.send(forged).await, run.send(valid).await);
    let same = match (&forged.0, &valid.0) {
        (Ok(one), Ok(other)) => one.status == other.status,
        _ => false,
    };
    // If valid JSON with a forged signature is accepted, the order of the checks can't be seen.
    let holds = same || valid.accepted() && forged.refused();
    Finding::of(holds, "broken JSON with a forged signature, then JSON with a forged signature", forged)
}
