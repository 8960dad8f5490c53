//! Each event is answered in its own shape.

use serde_json::{Value, json};

use super::run::{Came, NOBODY, Run};
use super::scenario::{Finding, Group, Scenario};
use super::{Level, Verdict};
use crate::events::catalogue;
use crate::testing::Fit;

pub(super) const GROUP: Group = Group {
    name: "answers",
    scenarios: &[
        Scenario {
            name: "answer-shape",
            level: Level::Basic,
            expected: "an answer in the event's own shape",
            why: "Aghanim goes on with what the answer says",
            run: |run| Box::pin(shapes(run)),
        },
        Scenario {
            name: "refusal-shape",
            level: Level::Basic,
            expected: "a yes or a no in the event's own shape",
            why: "the shop tells the player what the code of a refusal says",
            run: |run| Box::pin(refusals(run)),
        },
    ],
};

/// Sends each handled event after a change, and looks at the first answer that does not fit.
async fn each(run: &Run<'_>, sent: &str, events: &[&str], change: fn(&mut Value)) -> Finding {
    let mut last: Option<(String, Came)> = None;
    for event in events {
        let mut envelope = run.event(event);
        change(&mut envelope);
        let came = run.send(run.signed(&envelope)).await;
        match came.fit(event) {
            Some(Fit::Accepted | Fit::Refused { .. }) => {}
            Some(fit) => {
                return Finding::of(false, format!("a signed `{event}` {sent}"), format!("{came}: {fit}"))
                    .about(*event);
            }
            None => return Finding::of(false, format!("a signed `{event}` {sent}"), came).about(*event),
        }
        last = Some(((*event).to_owned(), came));
    }
    match last {
        Some((event, came)) => Finding::of(true, format!("`{}` {sent}", events.join("`, `")), came).about(event),
        None => Finding::skipped("the receiver handles none of these events"),
    }
}

async fn shapes(run: &Run<'_>) -> Finding {
    let asked_for = !run.options.events.is_empty();
    if let Some(missing) = run.unhandled.first().filter(|_| asked_for) {
        let sent = format!("a signed `{missing}`, which was asked for");
        return Finding::of(false, sent, "the answer to an unknown event").about(*missing);
    }
    let finding = each(run, "with every field", &run.handled, |_| {}).await;
    if finding.verdict == Verdict::Passed && !run.unhandled.is_empty() {
        let came = format!("{}; not handled, and so not tried: `{}`", finding.came, run.unhandled.join("`, `"));
        return Finding { came, ..finding };
    }
    finding
}

async fn refusals(run: &Run<'_>) -> Finding {
    let by_player =
        |event: &&&str| catalogue::find(event).is_some_and(|event| event.family() == "player" || event.needs_answer());
    let events: Vec<_> = run.handled.iter().filter(by_player).copied().collect();
    each(run, "for a player whom nobody knows", &events, |envelope| {
        let Some(data) = envelope["event_data"].as_object_mut() else { return };
        for (key, value) in data {
            if key == "player_id" || key.ends_with("account_id") {
                *value = json!(NOBODY);
            }
        }
    })
    .await
}
