//! What the database stores share: names, readable columns, and when an answer may be forgotten.

use std::time::Duration;

use super::StoreError;

/// How often each instance looks for answers to forget.
pub(super) const PRUNE_EVERY: Duration = Duration::from_mins(1);

/// How many rows are forgotten in one go: few enough that no delivery notices.
pub(super) const PRUNE_BATCH: i64 = 500;

/// How long it waits while there is more to forget: with it, some thousands a second are, as many as a store can keep.
pub(super) const PRUNE_PAUSE: Duration = Duration::from_millis(50);

/// Longer text of a readable column is cut; the digest tells keys apart.
const READABLE: usize = 255;

/// The name of a table or schema, as people write them in both databases without quotes.
pub(super) fn check_name(what: &str, name: &str) -> Result<(), StoreError> {
    let letters = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !name.is_empty() && name.len() <= 40 && letters(name) && !name.as_bytes()[0].is_ascii_digit() {
        return Ok(());
    }
    Err(StoreError::new(format!(
        "`{name}` can't be the name of a {what}: use at most 40 lower-case letters, digits and `_`, not starting with \
         a digit"
    )))
}

/// Text for people who look into the table: cut, and without NUL, which PostgreSQL's text can't hold.
pub(super) fn readable(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(READABLE).collect()
}

/// What a store remembers of its own database's clock, so that a jump of it does not make answers look old.
///
/// Answers are kept for the retention and a quarter of it more. A jump of less than that quarter is absorbed by it; a
/// greater one is seen, and then nothing is forgotten for as long as the slowest answer needs, since from the times in
/// the rows nobody can tell how old they are. A long standstill looks the same, and costs nothing but space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    /// The time of the last look, in Unix milliseconds.
    pub(super) seen: i64,
    /// Nothing is forgotten before.
    pub(super) hold_until: i64,
}

impl Clock {
    /// Looks at the clock, and says up to which time answers may be forgotten.
    pub(super) fn look(&mut self, now: i64, retention: Duration) -> Option<i64> {
        let retention = i64::try_from(retention.as_millis()).unwrap_or(i64::MAX);
        let slack = retention / 4;
        if now.saturating_sub(self.seen).saturating_abs() > slack {
            self.hold_until = now.saturating_add(retention).saturating_add(slack);
        }
        self.seen = now;
        let oldest = now.saturating_sub(retention).saturating_sub(slack);
        // A clock that went back may stand long before what it was held for.
        let held = now < self.hold_until && self.hold_until.saturating_sub(now) <= retention.saturating_add(slack);
        (!held && oldest > 0).then_some(oldest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;
    const RETENTION: Duration = Duration::from_hours(100);

    #[test]
    fn names() {
        for good in ["a", "aghanim_idempotency", "_x1"] {
            assert!(check_name("table", good).is_ok(), "{good}");
        }
        for bad in ["", "1a", "a b", "a\"b", "A", "a.b", "é", &"a".repeat(41)] {
            let error = check_name("table", bad).unwrap_err().to_string();
            assert!(error.contains("table") && error.contains("40"), "{error}");
        }
    }

    #[test]
    fn readable_text_is_short_and_without_nul() {
        assert_eq!(readable("a\0b"), "ab");
        assert_eq!(readable(&"é".repeat(300)).chars().count(), 255);
    }

    #[test]
    fn a_steady_clock_forgets_what_is_old() {
        let mut clock = Clock { seen: 1000 * HOUR, hold_until: 0 };
        assert_eq!(clock.look(1001 * HOUR, RETENTION), Some(876 * HOUR));
    }

    #[test]
    fn a_jump_holds_everything_until_what_was_there_is_surely_old() {
        let mut clock = Clock { seen: 1000 * HOUR, hold_until: 0 };
        assert_eq!(clock.look(2000 * HOUR, RETENTION), None, "a jump ahead");
        assert_eq!(clock.look(2010 * HOUR, RETENTION), None);
        for hour in 2011..2125 {
            assert_eq!(clock.look(hour * HOUR, RETENTION), None);
        }
        assert_eq!(clock.look(2125 * HOUR, RETENTION), Some(2000 * HOUR));
        assert_eq!(clock.look(1000 * HOUR, RETENTION), None, "a jump back");
        assert_eq!(clock.look(2200 * HOUR, RETENTION), None, "and ahead again");
    }

    #[test]
    fn answers_kept_for_ever_are_never_old() {
        let mut clock = Clock { seen: 1000 * HOUR, hold_until: 0 };
        assert_eq!(clock.look(1001 * HOUR, Duration::MAX), None);
    }
}
