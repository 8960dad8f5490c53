use std::collections::HashSet;
use std::time::Duration;

/// A handler that takes longer than this is slow.
const SLOW: Duration = Duration::from_millis(20);

/// The set is emptied when it would hold more event types than this.
const MOST: usize = 1000;

/// The longest name of an event type that is stored, in bytes.
const LONGEST: usize = 255;

/// The event types whose handler was slow the last time.
///
/// Their turn gets a batch of its own, so that other deliveries do not wait for the slow handler before their commit.
#[derive(Debug, Default)]
pub(super) struct SlowTypes(HashSet<String>);

impl SlowTypes {
    pub(super) fn contains(&self, event_type: &str) -> bool {
        self.0.contains(event_type)
    }

    pub(super) fn record(&mut self, event_type: &str, took: Duration) {
        if took < SLOW {
            self.0.remove(event_type);
        } else if !self.0.contains(event_type) && event_type.len() <= LONGEST {
            if self.0.len() >= MOST {
                self.0.clear();
            }
            self.0.insert(event_type.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_time_counts() {
        let mut slow = SlowTypes::default();
        slow.record("order.paid", SLOW);
        slow.record("item.add", SLOW);
        assert!(slow.contains("item.add") && slow.contains("order.paid"));
        slow.record("item.add", Duration::ZERO);
        assert!(!slow.contains("item.add"));
    }

    #[test]
    fn names_that_a_sender_invents_take_no_memory() {
        let mut slow = SlowTypes::default();
        for i in 0..=2 * MOST {
            slow.record(&format!("{i}"), SLOW);
        }
        slow.record(&"x".repeat(LONGEST + 1), SLOW);
        assert!(slow.0.len() <= MOST);
        assert!(slow.0.iter().all(|name| name.len() <= LONGEST));
    }
}
