//! Reasons to put an authenticated event off: drain, maintenance, and limits of concurrency.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::pattern::covers;

/// The gates of an endpoint.
#[derive(Debug, Default)]
pub(crate) struct Gates {
    /// True if draining, or if a pattern is paused. Otherwise this is all that a delivery has to look at.
    closed: AtomicBool,
    draining: AtomicBool,
    paused: RwLock<Vec<Pause>>,
}

#[derive(Debug, Clone)]
struct Pause {
    pattern: String,
    retry_after: Duration,
}

/// The most deliveries of a pattern that are handled at once.
#[derive(Debug, Clone)]
pub(crate) struct ConcurrencyLimit {
    pub(crate) pattern: String,
    places: Arc<Semaphore>,
}

/// The places that a delivery takes in the limits. They are free again when this is dropped.
pub(crate) type Places = Vec<OwnedSemaphorePermit>;

/// The reason why an event is not handled now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closed {
    Draining,
    Paused { retry_after: Duration },
    Busy,
}

impl Gates {
    /// Lets an event pass, or returns the reason to put it off.
    pub(crate) fn pass(&self, event_type: &str, limits: &[ConcurrencyLimit]) -> Result<Places, Closed> {
        if self.closed.load(Ordering::Relaxed) {
            self.check(event_type)?;
        }
        let mut places = Places::new();
        for limit in limits.iter().filter(|limit| covers(&limit.pattern, event_type)) {
            places.push(Arc::clone(&limit.places).try_acquire_owned().map_err(|_| Closed::Busy)?);
        }
        Ok(places)
    }

    #[cold]
    fn check(&self, event_type: &str) -> Result<(), Closed> {
        if self.draining() {
            return Err(Closed::Draining);
        }
        // If several patterns take the event, the longest pause counts.
        let paused = self.paused.read().unwrap_or_else(PoisonError::into_inner);
        let pauses = paused.iter().filter(|pause| covers(&pause.pattern, event_type));
        pauses.map(|pause| pause.retry_after).max().map_or(Ok(()), |retry_after| Err(Closed::Paused { retry_after }))
    }

    /// Pauses a pattern, or changes the time of its pause.
    pub(crate) fn pause(&self, pattern: &str, retry_after: Duration) {
        self.change(|paused| {
            paused.retain(|pause| pause.pattern != pattern);
            paused.push(Pause { pattern: pattern.to_owned(), retry_after });
        });
    }

    /// Ends the pause of a pattern. False if it was not paused.
    pub(crate) fn resume(&self, pattern: &str) -> bool {
        self.change(|paused| {
            let before = paused.len();
            paused.retain(|pause| pause.pattern != pattern);
            paused.len() < before
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut Vec<Pause>) -> T) -> T {
        let mut paused = self.paused.write().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&mut paused);
        self.closed.store(self.draining() || !paused.is_empty(), Ordering::Relaxed);
        changed
    }

    pub(crate) fn paused(&self) -> Vec<String> {
        let paused = self.paused.read().unwrap_or_else(PoisonError::into_inner);
        paused.iter().map(|pause| pause.pattern.clone()).collect()
    }

    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
        self.change(|_| ());
    }

    pub(crate) fn draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}

impl ConcurrencyLimit {
    pub(crate) fn new(pattern: String, most: usize) -> Self {
        Self { pattern, places: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn pass(gates: &Gates, event_type: &str) -> Result<(), Closed> {
        gates.pass(event_type, &[]).map(drop)
    }

    #[test]
    fn a_pause_takes_its_pattern_and_no_other() {
        let gates = Gates::default();
        assert_eq!(pass(&gates, "item.add"), Ok(()));
        gates.pause("item.*", MINUTE);
        assert_eq!(pass(&gates, "item.add"), Err(Closed::Paused { retry_after: MINUTE }));
        assert_eq!(pass(&gates, "player.verify"), Ok(()));
        assert!(gates.resume("item.*"));
        assert!(!gates.resume("item.*"));
        assert_eq!(pass(&gates, "item.add"), Ok(()));
    }

    #[test]
    fn of_two_pauses_the_longer_counts_and_each_ends_alone() {
        let gates = Gates::default();
        gates.pause("*", MINUTE);
        gates.pause("item.add", 2 * MINUTE);
        assert_eq!(pass(&gates, "item.add"), Err(Closed::Paused { retry_after: 2 * MINUTE }));
        gates.resume("item.add");
        assert_eq!(pass(&gates, "item.add"), Err(Closed::Paused { retry_after: MINUTE }));
        assert_eq!(gates.paused(), ["*"]);
    }

    #[test]
    fn a_second_pause_of_a_pattern_changes_its_time() {
        let gates = Gates::default();
        gates.pause("item.*", MINUTE);
        gates.pause("item.*", Duration::from_secs(5));
        assert_eq!(pass(&gates, "item.add"), Err(Closed::Paused { retry_after: Duration::from_secs(5) }));
        assert_eq!(gates.paused().len(), 1);
    }

    #[test]
    fn a_drain_takes_everything_and_outlasts_a_resume() {
        let gates = Gates::default();
        gates.pause("item.*", MINUTE);
        gates.drain();
        gates.resume("item.*");
        assert_eq!(pass(&gates, "player.verify"), Err(Closed::Draining));
    }

    #[test]
    fn a_limit_holds_for_its_pattern_until_a_place_is_free() {
        let (gates, limits) = (Gates::default(), [ConcurrencyLimit::new("item.*".to_owned(), 2)]);
        let first = gates.pass("item.add", &limits).unwrap();
        let _second = gates.pass("item.remove", &limits).unwrap();
        assert_eq!(gates.pass("item.add", &limits).unwrap_err(), Closed::Busy);
        assert!(gates.pass("player.verify", &limits).is_ok());
        drop(first);
        assert!(gates.pass("item.add", &limits).is_ok());
    }

    #[test]
    fn a_full_limit_leaves_the_others_as_they_were() {
        let limits = [ConcurrencyLimit::new("*".to_owned(), 2), ConcurrencyLimit::new("item.add".to_owned(), 1)];
        let gates = Gates::default();
        let _first = gates.pass("item.add", &limits).unwrap();
        assert_eq!(gates.pass("item.add", &limits).unwrap_err(), Closed::Busy);
        assert!(gates.pass("player.verify", &limits).is_ok(), "the refused one kept its place in `*`");
    }
}
