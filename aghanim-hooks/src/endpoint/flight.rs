//! One attempt per key at a time in this process. Duplicates wait for it without holding a connection.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::idempotency::{Key, Record};

type Digest = [u8; 32];

/// The keys that an attempt is working on.
#[derive(Debug, Clone, Default)]
pub(super) struct Flights(Arc<Mutex<HashMap<Digest, Followers>>>);

/// The channel to the deliveries that wait for a key. It is made when a second delivery asks for the key.
type Followers = Option<watch::Sender<Option<Record>>>;

/// The role of a delivery among those with the same key.
pub(super) enum Joined {
    /// The first: it makes the attempt.
    Lead(Lead),
    /// A later one: it waits for the first.
    Follow(Follow),
}

impl Flights {
    pub(super) fn join(&self, key: &Key) -> Joined {
        match self.lock().entry(*key.digest()) {
            Entry::Occupied(mut flight) => {
                let outcome = flight.get_mut().get_or_insert_with(|| watch::Sender::new(None)).subscribe();
                Joined::Follow(Follow { outcome })
            }
            Entry::Vacant(free) => {
                free.insert(None);
                Joined::Lead(Lead { flights: self.clone(), digest: *key.digest(), outcome: None })
            }
        }
    }

    pub(super) fn are_some(&self) -> bool {
        !self.lock().is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Followers>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The attempt at a key. If it is dropped without an outcome, it has failed, and one of its followers tries next.
pub(super) struct Lead {
    flights: Flights,
    digest: Digest,
    outcome: Option<Record>,
}

impl Lead {
    /// Leaves the answer for the followers, who get it when this is dropped. The store must have it already.
    pub(super) fn publish(&mut self, record: Record) {
        self.outcome = Some(record);
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        let followers = self.flights.lock().remove(&self.digest).flatten();
        if let (Some(followers), Some(record)) = (followers, self.outcome.take()) {
            followers.send_replace(Some(record));
        }
    }
}

pub(super) struct Follow {
    outcome: watch::Receiver<Option<Record>>,
}

impl Follow {
    /// Waits for the answer. `None` when the attempt failed.
    pub(super) async fn outcome(mut self) -> Option<Record> {
        // An error means that the lead was dropped without an outcome.
        self.outcome.wait_for(Option::is_some).await.ok().and_then(|record| record.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::idempotency::{Fingerprint, StoredAnswer};

    fn lead(flights: &Flights, key: &Key) -> Lead {
        match flights.join(key) {
            Joined::Lead(lead) => lead,
            Joined::Follow(_) => panic!("{key:?} has a lead already"),
        }
    }

    fn follow(flights: &Flights, key: &Key) -> Follow {
        match flights.join(key) {
            Joined::Follow(follow) => follow,
            Joined::Lead(_) => panic!("{key:?} has no lead"),
        }
    }

    #[tokio::test]
    async fn followers_get_the_answer_and_the_key_is_free_again() {
        let (flights, key) = (Flights::default(), Key::new("", false, "a.b", "k"));
        let mut first = lead(&flights, &key);
        let waiting = follow(&flights, &key);
        drop(lead(&flights, &Key::new("", false, "a.b", "other")));
        let answer = StoredAnswer::new(200, b"application/json", "{}").unwrap();
        let record = Record::new(Fingerprint::new(b"{}"), answer);
        first.publish(record.clone());
        drop(first);
        assert_eq!(waiting.outcome().await, Some(record));
        drop(lead(&flights, &key));
    }

    #[tokio::test]
    async fn an_attempt_that_is_dropped_has_failed() {
        let (flights, key) = (Flights::default(), Key::new("", false, "a.b", "k"));
        let first = lead(&flights, &key);
        let waiting = follow(&flights, &key);
        drop(first);
        assert_eq!(waiting.outcome().await, None);
        drop(lead(&flights, &key));
    }
}
