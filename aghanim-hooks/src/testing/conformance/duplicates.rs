//! Events that come again: Aghanim delivers at least once, and the receiver grants once.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::run::{Came, Run};
use super::scenario::{Finding, Group, Scenario};
use super::{Level, Verdict};

pub(super) const GROUP: Group = Group {
    name: "duplicates",
    scenarios: &[
        Scenario {
            name: "duplicates-in-sequence",
            level: Level::Basic,
            expected: "a 2xx each time, and one effect",
            why: "an answer that got lost makes Aghanim send the event again, and an error makes it send it once more",
            run: |run| Box::pin(in_sequence(run)),
        },
        Scenario {
            name: "duplicates-in-parallel",
            level: Level::Basic,
            expected: "no 4xx, at least one 2xx, and one effect",
            why: "a repetition may come while the first delivery is still at work",
            run: |run| Box::pin(in_parallel(run)),
        },
        Scenario {
            name: "same-key-other-event-id",
            level: Level::Basic,
            expected: "a 2xx each time, and one effect",
            why: "`idempotency_key` is what Aghanim documents to tell duplicates by; the event's id may differ",
            run: |run| Box::pin(same_key_other_id(run)),
        },
        Scenario {
            name: "same-event-id-without-key",
            level: Level::Basic,
            expected: "one effect, though Aghanim documents a key for this event",
            why: "receivers that Aghanim's own guidance makes tell duplicates by the event's id",
            run: |run| Box::pin(same_id_without_key(run)),
        },
        Scenario {
            name: "same-key-after-an-error",
            level: Level::Basic,
            expected: "a 2xx to the valid event, and its effect",
            why: "a key that was noted before the work failed turns the next attempt into a lost purchase",
            run: |run| Box::pin(after_an_error(run)),
        },
        Scenario {
            name: "other-key",
            level: Level::Full,
            expected: "two effects",
            why: "two purchases of the same items are two purchases",
            run: |run| Box::pin(other_key(run)),
        },
    ],
};

fn grant(run: &Run<'_>) -> Result<(String, Value), Finding> {
    let event = run.grant.ok_or_else(|| Finding::skipped(&run.effects.blind))?;
    let mut envelope = run.event(event);
    envelope["idempotency_key"] = json!(format!("check_{}", run.number()));
    Ok((event.to_owned(), envelope))
}

/// Judges the answers, and the effects as far as they can be seen.
async fn judge(
    run: &Run<'_>,
    event: String,
    sent: String,
    before: super::effects::Numbers,
    answers: &[Came],
    fits: bool,
    effects: f64,
) -> Finding {
    let worst = answers.iter().find(|came| !came.accepted()).or_else(|| answers.last());
    let came = worst.map(ToString::to_string).unwrap_or_default();
    if !fits {
        return Finding::of(false, sent, came).about(event);
    }
    match run.effects.since(run, &before).await {
        // The answers are right, but a receiver that grants twice would give the same.
        None => {
            let came = format!("{came}; the effects can't be seen: {}", run.effects.blind);
            Finding::new(Verdict::Advice, sent, came).about(event)
        }
        Some(count) => {
            let right = (count - effects).abs() < 0.01;
            Finding::of(right, sent, format!("{came}; effects: {count}")).about(event)
        }
    }
}

async fn in_sequence(run: &Run<'_>) -> Finding {
    let (event, envelope) = match grant(run) {
        Ok(grant) => grant,
        Err(skipped) => return skipped,
    };
    let before = run.effects.look(run).await;
    let wire = run.signed(&envelope);
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(run.send(wire.clone()).await);
    }
    let fits = answers.iter().all(Came::accepted);
    judge(run, event.clone(), format!("the same `{event}` three times"), before, &answers, fits, 1.0).await
}

async fn in_parallel(run: &Run<'_>) -> Finding {
    let (event, envelope) = match grant(run) {
        Ok(grant) => grant,
        Err(skipped) => return skipped,
    };
    let before = run.effects.look(run).await;
    let wire = run.signed(&envelope);
    let answers = join_all((0..8).map(|_| run.send(wire.clone()))).await;
    let fits = answers.iter().any(Came::accepted) && !answers.iter().any(Came::refused);
    judge(run, event.clone(), format!("the same `{event}` eight times at once"), before, &answers, fits, 1.0).await
}

async fn same_key_other_id(run: &Run<'_>) -> Finding {
    let (event, mut envelope) = match grant(run) {
        Ok(grant) => grant,
        Err(skipped) => return skipped,
    };
    let before = run.effects.look(run).await;
    let first = run.send(run.signed(&envelope)).await;
    envelope["event_id"] = json!(format!("whevt_check_{}", run.number()));
    envelope["transaction_id"] = json!(format!("whtx_check_{}", run.number()));
    let answers = [first, run.send(run.signed(&envelope)).await];
    let fits = answers.iter().all(Came::accepted);
    let sent = format!("`{event}` twice, with one key and two event ids");
    judge(run, event, sent, before, &answers, fits, 1.0).await
}

async fn same_id_without_key(run: &Run<'_>) -> Finding {
    let (event, mut envelope) = match grant(run) {
        Ok(grant) => grant,
        Err(skipped) => return skipped,
    };
    envelope["idempotency_key"] = Value::Null;
    let sent = format!("`{event}` twice, with one event id and no key");
    let before = run.effects.look(run).await;
    let first = run.send(run.signed(&envelope)).await;
    if first.refused() {
        return Finding::of(true, sent, format!("{first}: it is not taken without a key")).about(event);
    }
    let answers = [first, run.send(run.signed(&envelope)).await];
    let finding = judge(run, event, sent, before, &answers, answers.iter().all(Came::accepted), 1.0).await;
    // It is not documented that a retry keeps the event's id, so a receiver may ignore it.
    let verdict = if finding.verdict == Verdict::Failed { Verdict::Advice } else { finding.verdict };
    Finding { verdict, ..finding }
}

async fn after_an_error(run: &Run<'_>) -> Finding {
    let (event, envelope) = match grant(run) {
        Ok(grant) => grant,
        Err(skipped) => return skipped,
    };
    let mut broken = envelope.clone();
    // Removes the fields that only the handler reads. The envelope stays valid.
    let Some(data) = broken["event_data"].as_object_mut() else { return Finding::skipped("the event has no data") };
    data.retain(|key, _| key == "player_id");
    let sent = format!("`{event}` without what it needs, then the whole one under the same key");
    let before = run.effects.look(run).await;
    let first = run.send(run.signed(&broken)).await;
    if first.accepted() {
        return Finding::skipped(format!("the broken event was accepted: {first}")).about(event);
    }
    let answers = [run.send(run.signed(&envelope)).await];
    let fits = answers[0].accepted();
    judge(run, event, sent, before, &answers, fits, 1.0).await
}

async fn other_key(run: &Run<'_>) -> Finding {
    let (event, mut envelope) = match grant(run) {
        Ok(grant) => grant,
        Err(skipped) => return skipped,
    };
    let before = run.effects.look(run).await;
    let first = run.send(run.signed(&envelope)).await;
    for (field, prefix) in [("event_id", "whevt"), ("transaction_id", "whtx"), ("idempotency_key", "key")] {
        envelope[field] = json!(format!("{prefix}_check_{}", run.number()));
    }
    let answers = [first, run.send(run.signed(&envelope)).await];
    let fits = answers.iter().all(Came::accepted);
    judge(run, event.clone(), format!("`{event}` twice, under two keys"), before, &answers, fits, 2.0).await
}
