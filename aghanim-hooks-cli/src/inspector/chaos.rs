//! The faults that the inspector makes on purpose.

use serde::{Deserialize, Serialize};

/// The most duplicates of one delivery.
pub(crate) const MOST_DUPLICATES: usize = 20;

/// The longest delay, in milliseconds.
pub(crate) const LONGEST_DELAY: u64 = 600_000;

/// The faults that are on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Chaos {
    /// The number of times that a delivery with a key is sent again after its answer.
    pub(crate) duplicate: usize,
    /// The time that each delivery is held before it is sent on.
    pub(crate) delay_ms: u64,
    /// Each second delivery overtakes the one before it.
    pub(crate) reorder: bool,
    /// The receiver's answer is not given to the sender.
    pub(crate) drop_answer: bool,
    /// Before each delivery, the receiver gets half of it.
    pub(crate) cut_body: bool,
    pub(crate) answer: Option<FixedAnswer>,
}

/// An answer in place of the receiver's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FixedAnswer {
    pub(crate) status: u16,
    /// The number of deliveries that still get it.
    pub(crate) times: u32,
}

impl Chaos {
    /// Checks the ranges.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.duplicate > MOST_DUPLICATES {
            return Err(format!("`duplicate` is at most {MOST_DUPLICATES}"));
        }
        if self.delay_ms > LONGEST_DELAY {
            return Err(format!("`delay_ms` is at most {LONGEST_DELAY}, which is ten minutes"));
        }
        if self.answer.is_some_and(|answer| !(200..600).contains(&answer.status) || answer.times == 0) {
            return Err("`answer` needs a status from 200 to 599, and `times` of at least 1".to_owned());
        }
        Ok(())
    }

    /// True if a fault is on that says something about idempotency.
    pub(crate) fn asks_for_a_verdict(&self) -> bool {
        self.duplicate > 0 || self.drop_answer || self.cut_body
    }

    /// The fixed answer's status, if there is one for this delivery. Counts it.
    pub(crate) fn take_answer(&mut self) -> Option<u16> {
        let answer = self.answer.as_mut()?;
        let status = answer.status;
        answer.times -= 1;
        if answer.times == 0 {
            self.answer = None;
        }
        Some(status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_answer_is_given_so_many_times() {
        let mut chaos = Chaos { answer: Some(FixedAnswer { status: 503, times: 2 }), ..Chaos::default() };
        let answers: Vec<_> = (0..3).map(|_| chaos.take_answer()).collect();
        assert_eq!(answers, [Some(503), Some(503), None]);
        assert_eq!(chaos, Chaos::default());
    }

    #[test]
    fn what_is_out_of_range_is_refused() {
        let check = |json: &str| serde_json::from_str::<Chaos>(json).unwrap().check().is_ok();
        assert!(check("{}") && check(r#"{"duplicate":20,"delay_ms":600000,"answer":{"status":503,"times":1}}"#));
        assert!(!check(r#"{"duplicate":21}"#) && !check(r#"{"delay_ms":600001}"#));
        assert!(!check(r#"{"answer":{"status":99,"times":1}}"#) && !check(r#"{"answer":{"status":503,"times":0}}"#));
        assert!(serde_json::from_str::<Chaos>(r#"{"duplicates":1}"#).is_err());
    }
}
