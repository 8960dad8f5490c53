//! The history of a run, and the checker of it: one set of rules for storms, kills, faults, drops and models.

use std::collections::{BTreeMap, HashMap};

use super::ledger::Effects;
use super::{Promise, Violation};
use crate::Response;

/// Everything that the senders of a run saw, per key and in order.
#[derive(Debug, Clone, Default)]
pub struct History {
    keys: BTreeMap<String, Vec<Observed>>,
}

/// One observation of a sender. An answer is compared as a whole: status, headers without the date, and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observed {
    /// A 2xx: the effect is acknowledged.
    Accepted(Response),
    /// A 4xx: the refusal is final.
    Refused(Response),
    /// A 5xx: the sender sends the event again.
    Failed,
    /// No answer: the connection broke, or the sender hung up. Anything may have happened.
    Nothing,
}

impl Observed {
    /// The observation of an answer that arrived.
    #[must_use]
    pub fn answer(response: Response) -> Self {
        match response.status {
            200..300 => Self::Accepted(response),
            400..500 => Self::Refused(response),
            _ => Self::Failed,
        }
    }

    /// True if the sender does not send the event again.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Accepted(_) | Self::Refused(_))
    }
}

impl History {
    /// Adds a key that is about to be sent. Returns true if it is new.
    pub fn sent(&mut self, key: &str) -> bool {
        if self.keys.contains_key(key) {
            return false;
        }
        self.keys.insert(key.to_owned(), Vec::new());
        true
    }

    /// Adds an observation of a sender of this key.
    pub fn observe(&mut self, key: &str, observed: Observed) {
        let of_key = self.keys.entry(key.to_owned()).or_default();
        // A repeated observation adds nothing to compare, and long runs have many.
        if of_key.last() != Some(&observed) {
            of_key.push(observed);
        }
    }

    /// The keys that were sent.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(String::as_str)
    }

    /// Compares the history with the effects that the database holds after everything, kills included.
    ///
    /// - A key has at most one effect, or with [`Promise::AtLeastOnce`] any number.
    /// - Every 2xx of a key is the same, byte for byte, and tells of an effect that is there.
    /// - An acknowledged effect is there.
    /// - A refused key has no effect, and every later answer is the same refusal.
    /// - A key whose last answer is a 5xx has no effect.
    /// - No effect belongs to a key that was never sent.
    #[must_use]
    pub fn check(&self, effects: &HashMap<String, Effects>, promise: Promise) -> Vec<Violation> {
        let mut found = Vec::new();
        let none = Effects::default();
        for (key, observed) in &self.keys {
            check_key(key, observed, effects.get(key).unwrap_or(&none), promise, &mut found);
        }
        let unasked = effects.keys().filter(|key| !self.keys.contains_key(*key));
        found.extend(unasked.map(|key| Violation::Unasked { key: key.clone() }));
        found
    }
}

fn check_key(key: &str, observed: &[Observed], effects: &Effects, promise: Promise, found: &mut Vec<Violation>) {
    let key = || key.to_owned();
    if effects.times > 1 && promise == Promise::Once {
        found.push(Violation::Doubled { key: key(), times: effects.times });
    }
    let mut answers = observed.iter().filter(|observed| observed.is_final());
    let first = answers.next();
    if let Some(first) = first {
        let differs = answers.filter(|later| *later != first);
        found.extend(differs.map(|later| Violation::Differs { key: key(), first: first.text(), later: later.text() }));
    }
    match first {
        Some(Observed::Accepted(_)) if effects.times == 0 => found.push(Violation::Lost { key: key() }),
        Some(Observed::Accepted(_)) if !effects.receipts.is_empty() => {
            let answer = first.map(Observed::text).unwrap_or_default();
            if !effects.receipts.iter().any(|receipt| answer.contains(receipt)) {
                found.push(Violation::Unfounded { key: key(), answer });
            }
        }
        Some(Observed::Refused(_)) if effects.times > 0 => {
            found.push(Violation::RefusedAndDone { key: key(), times: effects.times });
        }
        // A handler without a transaction may have done its work before it failed.
        None if observed.last() == Some(&Observed::Failed) && effects.times > 0 && promise == Promise::Once => {
            found.push(Violation::FailedAndDone { key: key(), times: effects.times });
        }
        _ => {}
    }
}

impl Observed {
    fn text(&self) -> String {
        match self {
            Self::Accepted(response) | Self::Refused(response) => response.text(),
            Self::Failed => "a failure".to_owned(),
            Self::Nothing => "no answer".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Observed {
        Observed::answer(Response { status, headers: Vec::new(), body: body.into() })
    }

    fn history(observed: impl IntoIterator<Item = Observed>) -> History {
        let mut history = History::default();
        history.sent("k");
        for observed in observed {
            history.observe("k", observed);
        }
        history
    }

    fn effects(receipts: &[&str]) -> HashMap<String, Effects> {
        let mut of_key = Effects::default();
        for receipt in receipts {
            of_key.times += 1;
            of_key.receipts.push((*receipt).to_owned());
        }
        HashMap::from([("k".to_owned(), of_key)])
    }

    /// The names of the violations.
    fn found(observed: impl IntoIterator<Item = Observed>, receipts: &[&str], promise: Promise) -> Vec<String> {
        let violations = history(observed).check(&effects(receipts), promise);
        let name = |violation| format!("{violation:?}").split(' ').next().unwrap_or_default().to_owned();
        violations.into_iter().map(name).collect()
    }

    fn once(observed: impl IntoIterator<Item = Observed>, receipts: &[&str]) -> Vec<String> {
        found(observed, receipts, Promise::Once)
    }

    #[test]
    fn good_histories_pass() {
        use Observed::{Failed, Nothing};
        let nothing: [String; 0] = [];
        assert_eq!(once([], &[]), nothing);
        assert_eq!(once([answer(200, "r1"), answer(200, "r1")], &["r1"]), nothing);
        assert_eq!(once([Failed, Nothing, answer(200, "r1"), Failed, answer(200, "r1")], &["r1"]), nothing);
        assert_eq!(once([answer(400, "no"), Nothing, answer(400, "no")], &[]), nothing);
        assert_eq!(once([Failed], &[]), nothing);
        // No sender got an answer, so the effect may be there or not.
        assert_eq!(once([Nothing], &["r1"]), nothing);
        assert_eq!(once([Nothing], &[]), nothing);
        assert_eq!(once([Failed, Nothing], &["r1"]), nothing);
    }

    #[test]
    fn an_effect_that_is_there_twice_is_found() {
        assert_eq!(once([answer(200, "r1")], &["r1", "r2"]), ["Doubled"]);
        // This holds also if no sender got an answer.
        assert_eq!(once([Observed::Nothing], &["r1", "r2"]), ["Doubled"]);
    }

    #[test]
    fn an_acknowledged_effect_that_is_gone_is_found() {
        assert_eq!(once([answer(200, "r1")], &[]), ["Lost"]);
        assert_eq!(found([answer(200, "r1")], &[], Promise::AtLeastOnce), ["Lost"]);
    }

    #[test]
    fn answers_that_differ_are_found() {
        assert_eq!(once([answer(200, "r1"), Observed::Nothing, answer(200, "r2")], &["r1"]), ["Differs"]);
        assert_eq!(once([answer(200, "r1"), answer(201, "r1")], &["r1"]), ["Differs"]);
        let mut with_header = Response { status: 200, headers: Vec::new(), body: "r1".into() };
        with_header.headers.push(("content-type".to_owned(), "text/plain".to_owned()));
        assert_eq!(once([answer(200, "r1"), Observed::Accepted(with_header)], &["r1"]), ["Differs"]);
    }

    #[test]
    fn an_answer_about_another_effect_is_found() {
        assert_eq!(once([answer(200, "r2")], &["r1"]), ["Unfounded"]);
    }

    #[test]
    fn a_refusal_with_an_effect_is_found() {
        assert_eq!(once([answer(400, "no")], &["r1"]), ["RefusedAndDone"]);
        assert_eq!(found([answer(400, "no")], &["r1"], Promise::AtLeastOnce), ["RefusedAndDone"]);
    }

    #[test]
    fn a_refusal_that_does_not_last_is_found() {
        assert_eq!(once([answer(400, "no"), answer(200, "r1")], &["r1"]), ["Differs", "RefusedAndDone"]);
        assert_eq!(once([answer(200, "r1"), answer(400, "no")], &["r1"]), ["Differs"]);
    }

    #[test]
    fn a_failure_that_left_an_effect_is_found() {
        assert_eq!(once([Observed::Failed], &["r1"]), ["FailedAndDone"]);
        // A handler without a transaction may run again. Only at-least-once was promised.
        assert!(found([Observed::Failed], &["r1"], Promise::AtLeastOnce).is_empty());
    }

    #[test]
    fn an_effect_without_a_request_is_found() {
        let violations = History::default().check(&effects(&["r1"]), Promise::Once);
        assert_eq!(violations, [Violation::Unasked { key: "k".to_owned() }]);
    }

    #[test]
    fn every_effect_of_at_least_once_may_be_the_answered_one() {
        assert!(found([answer(200, "r2")], &["r1", "r2"], Promise::AtLeastOnce).is_empty());
        assert_eq!(found([answer(200, "r3")], &["r1", "r2"], Promise::AtLeastOnce), ["Unfounded"]);
    }
}
