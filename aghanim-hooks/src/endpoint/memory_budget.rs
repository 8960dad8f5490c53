//! A bound on the memory that strangers can occupy with bodies whose signature is not checked yet.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The bytes of each body that are not counted. Almost every event fits, so it is read even while strangers have used up
/// the budget. What they occupy with uncounted bytes is bounded by the number of connections.
const FREE: usize = 16 * 1024;

/// The bytes that unauthenticated bodies may occupy together, over all connections. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Budget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limit: usize,
    used: AtomicUsize,
    /// True from the first refusal until the budget is free again: one warning for each time that it is used up.
    exhausted: AtomicBool,
}

impl Budget {
    pub(super) fn new(limit: usize) -> Self {
        Self(Arc::new(Shared { limit, used: AtomicUsize::new(0), exhausted: AtomicBool::new(false) }))
    }

    /// The account of one body, with nothing on it.
    pub(super) fn open(&self) -> Account<'_> {
        Account { budget: &self.0, charged: 0 }
    }
}

/// The bytes that one body occupies. Dropped, it gives them back.
#[derive(Debug)]
pub(super) struct Account<'a> {
    budget: &'a Shared,
    charged: usize,
}

/// The budget is used up.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Exhausted;

impl Account<'_> {
    /// Raises the account to a body of this length.
    ///
    /// # Errors
    /// Returns [`Exhausted`] if all bodies together would occupy more than the budget.
    pub(super) fn charge(&mut self, length: usize) -> Result<(), Exhausted> {
        let more = length.saturating_sub(FREE).saturating_sub(self.charged);
        if more == 0 {
            return Ok(());
        }
        let Shared { limit, used, exhausted } = self.budget;
        let raise = |used: usize| used.checked_add(more).filter(|used| used <= limit);
        if used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, raise).is_err() {
            if !exhausted.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    limit,
                    "unauthenticated bodies occupy all of `Webhooks::unverified_limit`: longer bodies are refused with 503"
                );
            }
            return Err(Exhausted);
        }
        self.charged += more;
        Ok(())
    }
}

impl Drop for Account<'_> {
    fn drop(&mut self) {
        if self.charged > 0 && self.budget.used.fetch_sub(self.charged, Ordering::Relaxed) == self.charged {
            self.budget.exhausted.store(false, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logged::logged;

    #[test]
    fn bodies_share_the_budget_and_give_it_back() {
        let budget = Budget::new(100);
        let clone = budget.clone();
        let (mut first, mut second) = (budget.open(), clone.open());
        assert_eq!(first.charge(FREE + 40), Ok(()));
        assert_eq!(first.charge(FREE + 60), Ok(()));
        assert_eq!(second.charge(FREE + 41), Err(Exhausted));
        assert_eq!(second.charge(FREE + 40), Ok(()));
        drop(first);
        assert_eq!(second.charge(FREE + 100), Ok(()));
        drop(second);
        assert_eq!(budget.0.used.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_small_body_is_read_even_if_nothing_is_left() {
        let budget = Budget::new(0);
        assert_eq!(budget.open().charge(FREE), Ok(()));
        assert_eq!(budget.open().charge(FREE + 1), Err(Exhausted));
    }

    #[test]
    fn the_log_says_once_each_time_that_the_budget_is_used_up() {
        let refuse = |budget: &Budget| assert_eq!(budget.open().charge(FREE + 101), Err(Exhausted));
        let budget = Budget::new(100);
        let lines = logged(|| {
            let mut only = budget.open();
            only.charge(FREE + 1).unwrap();
            refuse(&budget);
            refuse(&budget);
        });
        assert!(lines.len() == 1 && lines[0].contains("`Webhooks::unverified_limit`"), "{lines:?}");
        assert_eq!(logged(|| refuse(&budget)).len(), 1, "it was free in between");
        assert_eq!(logged(|| refuse(&budget)).len(), 0, "nothing was given back in between");
    }

    #[test]
    fn sixteen_kibibytes_of_a_body_are_not_counted() {
        assert_eq!(FREE, 16_384);
    }
}
