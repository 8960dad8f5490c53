//! Shared by the database stores: names, readable columns, and the removal of old answers.

use std::time::Duration;

use super::StoreError;

/// The pause between two removals, for each instance.
const PRUNE_EVERY: Duration = Duration::from_mins(1);

/// The number of rows in one removal. It is small, so that deliveries do not notice it.
pub(super) const PRUNE_BATCH: i64 = 500;

/// The pause while there are more old answers. It allows some thousands of removals a second, which is as many as a
/// store can write.
const PRUNE_PAUSE: Duration = Duration::from_millis(50);

/// Removes old answers, again and again. Ends when `prune` returns `None`.
pub(super) async fn prune_for_ever<F>(mut prune: impl FnMut() -> F)
where
    F: Future<Output = Option<Result<u64, StoreError>>>,
{
    loop {
        let more = match prune().await {
            None => return,
            Some(Ok(rows)) => rows == PRUNE_BATCH.unsigned_abs(),
            Some(Err(error)) => {
                tracing::warn!(%error, "old answers could not be removed; the store tries again in a minute");
                false
            }
        };
        tokio::time::sleep(if more { PRUNE_PAUSE } else { PRUNE_EVERY }).await;
    }
}

/// The longest text in a column for people, in characters. Keys are told apart by their digest.
const READABLE: usize = 255;

/// Accepts names of tables and schemas that need no quotes in either database.
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

/// Prepares text for a column for people: cut, and without NUL, which PostgreSQL's `text` cannot store.
pub(super) fn readable(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(READABLE).collect()
}

/// The database's clock as the store last read it. It keeps a jump of the clock from making young answers look old.
///
/// Answers are kept for the retention and a quarter of it more, so a jump of up to a quarter does no harm. A longer jump
/// is detected. The rows' times then do not tell their age, so nothing is removed until every row is certainly old
/// enough. A store that did not run for a long time looks the same; it only keeps its rows for longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    /// The time at the last look, in Unix milliseconds.
    pub(super) seen: i64,
    /// Nothing is removed before this time, in Unix milliseconds.
    pub(super) hold_until: i64,
}

impl Clock {
    /// Takes the time, and returns the time before which answers may be removed. `None` while nothing may be.
    pub(super) fn look(&mut self, now: i64, retention: Duration) -> Option<i64> {
        let retention = i64::try_from(retention.as_millis()).unwrap_or(i64::MAX);
        let slack = retention / 4;
        let longest_hold = now.saturating_add(retention).saturating_add(slack);
        if now.saturating_sub(self.seen).saturating_abs() > slack {
            self.hold_until = longest_hold;
        }
        // A clock that went back in small steps does not prolong a hold, and does not end it.
        self.hold_until = self.hold_until.min(longest_hold);
        self.seen = now;
        let oldest = now.saturating_sub(retention).saturating_sub(slack);
        (now >= self.hold_until && oldest > 0).then_some(oldest)
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
    fn a_small_step_back_does_not_end_a_hold() {
        let mut clock = Clock { seen: 1000 * HOUR, hold_until: 0 };
        assert_eq!(clock.look(2000 * HOUR, RETENTION), None, "a jump ahead");
        assert_eq!(clock.look(1999 * HOUR, RETENTION), None, "a step back");
        for hour in 2000..2124 {
            assert_eq!(clock.look(hour * HOUR, RETENTION), None);
        }
        assert_eq!(clock.look(2124 * HOUR, RETENTION), Some(1999 * HOUR));
    }

    #[test]
    fn answers_kept_for_ever_are_never_old() {
        let mut clock = Clock { seen: 1000 * HOUR, hold_until: 0 };
        assert_eq!(clock.look(1001 * HOUR, Duration::MAX), None);
    }

    #[test]
    fn a_jump_of_a_quarter_of_the_retention_holds_nothing() {
        let mut clock = Clock { seen: 1000 * HOUR, hold_until: 0 };
        assert_eq!(clock.look(1025 * HOUR, RETENTION), Some(900 * HOUR));
        assert_eq!(clock.look(1050 * HOUR + 1, RETENTION), None, "a millisecond more");
    }

    #[test]
    fn nothing_is_older_than_1970() {
        let mut clock = Clock { seen: 125 * HOUR, hold_until: 0 };
        assert_eq!(clock.look(125 * HOUR, RETENTION), None);
        assert_eq!(clock.look(125 * HOUR + 1, RETENTION), Some(1));
    }

    #[tokio::test]
    async fn while_there_are_more_old_answers_the_next_batch_follows_soon() {
        let mut batches = 0;
        let endless = prune_for_ever(|| {
            batches += 1;
            let rows = if batches < 3 { PRUNE_BATCH.unsigned_abs() } else { 0 };
            async move { Some(Ok(rows)) }
        });
        tokio::time::timeout(Duration::from_secs(1), endless).await.unwrap_err();
        assert_eq!(batches, 3, "after a batch that is not full there is a long pause");
    }
}
