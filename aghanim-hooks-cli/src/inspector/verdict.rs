//! The verdict on a receiver's idempotency, from its answers and, where it can be seen, from a player's balance.

use aghanim_hooks::testing::conformance::Unanswered;
use aghanim_hooks::testing::{Fit, RawAnswer};
use serde::Serialize;

use super::difference::{self, Change};

/// The kinds of verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// Nothing was sent yet that shows it.
    Waiting,
    /// Every duplicate got the first answer.
    Idempotent,
    /// A duplicate got an error, or took effect again.
    NotIdempotent,
    /// A duplicate got another answer, or something changed that may have another cause.
    Differs,
    /// The receiver does not answer.
    Unreachable,
}

/// A verdict, with the sentences that explain it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Verdict {
    pub(crate) state: State,
    pub(crate) title: String,
    pub(crate) detail: String,
    pub(crate) event: Option<String>,
    pub(crate) key: Option<String>,
    /// The deliveries that show it, the first one first.
    pub(crate) deliveries: Vec<i64>,
}

/// A delivery that was sent, and its answer.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    /// The kind of delivery, for people.
    pub(crate) what: &'static str,
    pub(crate) id: Option<i64>,
    pub(crate) answer: Result<RawAnswer, Unanswered>,
}

/// The player's numbers, as `player.verify` shows them, before and after the duplicates.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effects {
    /// They can't be seen, and why.
    Blind(&'static str),
    /// Nothing changed.
    Same,
    /// Something changed once, while only duplicates were sent.
    Changed(Vec<Change>),
    /// It changed again with each further duplicate.
    ChangedAgain(Vec<Change>),
}

/// The case that a verdict is about.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) event: String,
    pub(crate) key: String,
    pub(crate) first: Sent,
    /// True if the sender did not get the first answer.
    pub(crate) was_dropped: bool,
    pub(crate) copies: Vec<Sent>,
    pub(crate) effects: Effects,
}

impl Verdict {
    /// Nothing was sent yet.
    pub(crate) fn waiting() -> Self {
        Self {
            state: State::Waiting,
            title: "Waiting for an event with a key".to_owned(),
            detail: "Trigger `item.add`, or let the sender send an event that has an idempotency key.".to_owned(),
            event: None,
            key: None,
            deliveries: Vec::new(),
        }
    }

    /// The inspector itself answers, so there is nobody to judge.
    pub(crate) fn no_receiver(event: String, key: String) -> Self {
        Self {
            title: "There is no receiver to judge".to_owned(),
            detail: "The inspector itself answered. Start it with --forward and your receiver's URL.".to_owned(),
            event: Some(event),
            key: Some(key),
            ..Self::waiting()
        }
    }

    /// Judges a case.
    pub(crate) fn of(case: &Case) -> Self {
        let (state, title, detail) = case.judge();
        let ids = std::iter::once(&case.first).chain(&case.copies).filter_map(|sent| sent.id);
        Self {
            state,
            title: title.to_owned(),
            detail,
            event: Some(case.event.clone()),
            key: Some(case.key.clone()),
            deliveries: ids.collect(),
        }
    }

    /// Judges the whole delivery after one whose body broke off.
    pub(crate) fn after_a_cut(event: &str, key: &str, cut: Option<i64>, whole: &Sent) -> Self {
        let (state, title, detail) = match &whole.answer {
            Err(error) => (State::Unreachable, "The receiver does not answer", sentence("", whole.what, error)),
            Ok(answer) if Fit::of(event, answer) == Fit::Accepted => (
                State::Idempotent,
                "It takes an event whose first attempt broke off",
                format!(
                    "The receiver got half of `{event}` with the key `{key}`, then the connection ended. The whole event \
                     after that was answered {}, as it must be.",
                    answer.status.as_u16()
                ),
            ),
            Ok(answer) => (
                State::Differs,
                "After a body that broke off, the whole event is not accepted",
                format!(
                    "The receiver got half of `{event}` with the key `{key}`, then the connection ended. The whole event \
                     after that was answered {answer}. If the answer is the same without the cut, the cause is \
                     elsewhere. If not, the receiver kept the key before it had the event, and the event is lost."
                ),
            ),
        };
        let (event, key) = (Some(event.to_owned()), Some(key.to_owned()));
        let deliveries = cut.into_iter().chain(whole.id).collect();
        Self { state, title: title.to_owned(), detail, event, key, deliveries }
    }
}

/// A line about a request that got no answer.
fn sentence(before: &str, what: &str, error: &Unanswered) -> String {
    format!("{before}After {what}: {error}. Start the receiver, or look at its log.")
}

impl Case {
    fn judge(&self) -> (State, &'static str, String) {
        let first = match &self.first.answer {
            Err(error) => {
                return (State::Unreachable, "The receiver does not answer", sentence("", self.first.what, error));
            }
            Ok(answer) => answer,
        };
        let fit = Fit::of(&self.event, first);
        if fit != Fit::Accepted {
            let detail = format!(
                "The first `{}` with the key `{}` was answered {first}, which is not an acceptance ({fit}). A duplicate \
                 shows something only after one. Change the event so that it is accepted, and send it again.",
                self.event, self.key
            );
            return (State::Waiting, "The first delivery was not accepted", detail);
        }
        let begin = format!(
            "The first `{}` with the key `{}` was answered {}{}. ",
            self.event,
            self.key,
            first.status.as_u16(),
            if self.was_dropped { ", but the answer did not reach the sender" } else { "" }
        );
        let copies = self.copies.iter().filter_map(|copy| self.judge_copy(&begin, first, copy));
        copies
            .chain(self.judge_effects(&begin))
            // A proof counts before a doubt. Among equals, the first counts.
            .min_by_key(|(state, ..)| *state != State::NotIdempotent)
            .unwrap_or_else(|| (State::Idempotent, "Every duplicate got the first answer", self.praise(&begin)))
    }

    fn judge_copy(&self, begin: &str, first: &RawAnswer, copy: &Sent) -> Option<(State, &'static str, String)> {
        let what = copy.what;
        let answer = match &copy.answer {
            Err(error @ Unanswered::Unreachable(_)) => {
                return Some((State::Unreachable, "The receiver does not answer", sentence(begin, what, error)));
            }
            Err(error) => {
                let detail = format!(
                    "{begin}Sent again ({what}), it got no answer: {error}. The sender takes that for an error and sends \
                     the event once more."
                );
                return Some((State::NotIdempotent, "A duplicate got no answer", detail));
            }
            Ok(answer) => answer,
        };
        if Fit::of(&self.event, answer) != Fit::Accepted {
            let detail = format!(
                "{begin}Sent again ({what}), it was answered {answer}. Aghanim sends an event again when the answer is an \
                 error, so an error for a duplicate causes more duplicates. Answer a duplicate as you answered the first."
            );
            return Some((State::NotIdempotent, "A duplicate got an error", detail));
        }
        if answer.status == first.status && answer.body == first.body {
            return None;
        }
        let mut places: Vec<_> = difference::of_answers(first, answer).into_iter().map(|change| change.path).collect();
        places.truncate(5);
        let places = if places.is_empty() { "the bytes of the body".to_owned() } else { places.join(", ") };
        let detail = format!(
            "{begin}Sent again ({what}), it was accepted too, but with another answer: {places}. A receiver that keeps \
             its first answer sends the same bytes again. If a number in the answer grew, the event took effect twice."
        );
        Some((State::Differs, "A duplicate got another answer", detail))
    }

    fn judge_effects(&self, begin: &str) -> Option<(State, &'static str, String)> {
        let places = |changes: &[Change]| {
            let value =
                |value: &Option<serde_json::Value>| value.as_ref().map_or("nothing".to_owned(), ToString::to_string);
            let places = changes.iter().take(3);
            let places = places
                .map(|change| format!("`{}` from {} to {}", change.path, value(&change.before), value(&change.after)));
            places.collect::<Vec<_>>().join(", ")
        };
        match &self.effects {
            Effects::ChangedAgain(changes) => Some((
                State::NotIdempotent,
                "Duplicates take effect again",
                format!(
                    "{begin}With the duplicates, the answer to `player.verify` changed: {}. One more duplicate changed \
                     it again. The player gets the items once for each delivery.",
                    places(changes)
                ),
            )),
            Effects::Changed(changes) => Some((
                State::Differs,
                "Something changed while only duplicates were sent",
                format!(
                    "{begin}Every duplicate got the same answer, but the answer to `player.verify` changed: {}. One more \
                     duplicate changed nothing. Either two duplicates at the same time took effect, or the receiver \
                     grants some time after its answer, or another event of this player came.",
                    places(changes)
                ),
            )),
            Effects::Same | Effects::Blind(_) => None,
        }
    }

    fn praise(&self, begin: &str) -> String {
        let mut kinds = Vec::new();
        for copy in &self.copies {
            if !kinds.contains(&copy.what) {
                kinds.push(copy.what);
            }
        }
        let effects = match &self.effects {
            Effects::Blind(why) => format!(
                "The inspector sees answers, not effects: a receiver that grants twice and answers the same looks the \
                 same. {why} `aghanim-hooks check --effects` counts grants."
            ),
            _ => {
                "The numbers in the answer to `player.verify` did not change with the duplicates. Effects that they do \
                  not show, such as a mail to the player, can't be seen from here."
                    .to_owned()
            }
        };
        let (count, kinds) = (self.copies.len(), kinds.join(", "));
        let times = if count == 1 { "time" } else { "times" };
        format!("{begin}Sent again {count} {times} ({kinds}), it got the same status and the same bytes. {effects}")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::{HeaderMap, StatusCode};
    use serde_json::json;

    use super::*;

    fn sent(status: u16, body: &str) -> Sent {
        let answer = RawAnswer::new(StatusCode::from_u16(status).unwrap(), HeaderMap::new(), body.to_owned());
        Sent { what: "the same bytes", id: Some(1), answer: Ok(answer) }
    }

    fn verdict(first: Sent, copies: Vec<Sent>, effects: Effects) -> Verdict {
        let (event, key) = ("item.add".to_owned(), "k1".to_owned());
        Verdict::of(&Case { event, key, first, was_dropped: false, copies, effects })
    }

    const BLIND: Effects = Effects::Blind("The event names no player.");

    #[test]
    fn each_answer_to_a_duplicate_has_its_verdict() {
        let broken = Sent { answer: Err(Unanswered::Timeout(Duration::from_secs(1))), ..sent(200, "") };
        let gone = Sent { answer: Err(Unanswered::Unreachable("gone".to_owned())), ..sent(200, "") };
        for (first, copy, state) in [
            (sent(200, "{}"), sent(200, "{}"), State::Idempotent),
            (sent(200, "{}"), sent(409, "{}"), State::NotIdempotent),
            (sent(200, "{}"), sent(503, "{}"), State::NotIdempotent),
            (sent(200, "{}"), broken.clone(), State::NotIdempotent),
            (sent(200, "{}"), gone.clone(), State::Unreachable),
            (sent(200, "{}"), sent(202, "{}"), State::Differs),
            (sent(200, r#"{"gems":1}"#), sent(200, r#"{"gems":2}"#), State::Differs),
            (sent(400, "{}"), sent(400, "{}"), State::Waiting),
            (gone, sent(200, "{}"), State::Unreachable),
        ] {
            let verdict = verdict(first, vec![copy], BLIND);
            assert_eq!(verdict.state, state, "{verdict:?}");
            assert!(
                verdict.detail.ends_with('.') && verdict.detail.contains("item.add") || state == State::Unreachable
            );
        }
    }

    #[test]
    fn the_worst_copy_counts_and_the_limits_are_said() {
        for better in [sent(200, "{}"), sent(202, "{}")] {
            let worst = verdict(sent(200, "{}"), vec![better, sent(409, "no")], BLIND);
            assert_eq!(worst.state, State::NotIdempotent, "{worst:?}");
        }
        let blind = verdict(sent(200, "{}"), vec![sent(200, "{}")], BLIND);
        assert!(blind.detail.contains("answers, not effects") && blind.detail.contains("names no player"), "{blind:?}");
        let seen = verdict(sent(200, "{}"), vec![sent(200, "{}")], Effects::Same);
        assert!(seen.detail.contains("did not change"), "{seen:?}");
    }

    #[test]
    fn effects_count_where_they_are_seen() {
        let change = Change { path: "balances[0].amount".to_owned(), before: Some(json!(1)), after: Some(json!(2)) };
        let twice = verdict(sent(200, "{}"), vec![sent(200, "{}")], Effects::ChangedAgain(vec![change.clone()]));
        assert_eq!(twice.state, State::NotIdempotent);
        assert!(twice.detail.contains("`balances[0].amount` from 1 to 2"), "{twice:?}");
        let grown = vec![sent(200, r#"{"gems":2}"#)];
        let seen = verdict(sent(200, r#"{"gems":1}"#), grown, Effects::ChangedAgain(vec![change.clone()]));
        assert_eq!(seen.state, State::NotIdempotent, "an effect that is seen counts before an answer that differs");
        let maybe = verdict(sent(200, "{}"), vec![sent(200, "{}")], Effects::Changed(vec![change]));
        assert_eq!(maybe.state, State::Differs);
    }

    #[test]
    fn the_copies_are_counted_and_each_kind_is_named_once() {
        let other = Sent { what: "the same key with another event id", ..sent(200, "{}") };
        let copies = vec![sent(200, "{}"), other, sent(200, "{}"), sent(200, "{}")];
        let detail = verdict(sent(200, "{}"), copies, BLIND).detail;
        let part = "Sent again 4 times (the same bytes, the same key with another event id), it got";
        assert!(detail.contains(part), "{detail}");
    }
}
