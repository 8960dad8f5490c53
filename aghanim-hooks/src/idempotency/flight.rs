//! One attempt per key at a time within this process: duplicates wait for it without holding a connection.

use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::digest::{ByDigest, Digest};
use super::{Key, Record};

/// The keys that are on their way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flights(Arc<Mutex<ByDigest<Followers>>>);

/// Who waits for a key. Mostly nobody, and then there is no channel.
type Followers = Option<watch::Sender<Option<Record>>>;

/// Whether a key is on its way already.
pub(crate) enum Boarding {
    /// It was not: whoever holds this does the work.
    Lead(Lead),
    Follow(Follow),
}

impl Flights {
    /// Whoever boards takes these along, and so counts them no further.
    pub(crate) fn board(self, key: &Key) -> Boarding {
        let followers = match self.lock().entry(*key.digest()) {
            Entry::Occupied(mut flight) => {
                Some(flight.get_mut().get_or_insert_with(|| watch::Sender::new(None)).subscribe())
            }
            Entry::Vacant(free) => {
                free.insert(None);
                None
            }
        };
        match followers {
            Some(landing) => Boarding::Follow(Follow { flights: self, landing }),
            None => Boarding::Lead(Lead { flights: self, digest: *key.digest(), outcome: None }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, ByDigest<Followers>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Dropped without having landed, the attempt has failed, and one of those who wait is next.
pub(crate) struct Lead {
    flights: Flights,
    digest: Digest,
    outcome: Option<Record>,
}

impl Lead {
    /// Leaves for those who wait what was answered, which they are told when this is dropped; only when the store has it.
    pub(crate) fn land(&mut self, record: Record) {
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

pub(crate) struct Follow {
    flights: Flights,
    landing: watch::Receiver<Option<Record>>,
}

impl Follow {
    /// What was answered, or where to board again when the attempt came to nothing.
    pub(crate) async fn landed(mut self) -> Result<Record, Flights> {
        // An error says that the other end is gone, which without an outcome is a failure.
        let record = self.landing.wait_for(Option::is_some).await.ok().and_then(|record| record.clone());
        record.ok_or(self.flights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::idempotency::{Fingerprint, StoredAnswer};

    fn lead(flights: &Flights, key: &Key) -> Lead {
        match flights.clone().board(key) {
            Boarding::Lead(lead) => lead,
            Boarding::Follow(_) => panic!("{key:?} is on its way"),
        }
    }

    fn follow(flights: &Flights, key: &Key) -> Follow {
        match flights.clone().board(key) {
            Boarding::Follow(follow) => follow,
            Boarding::Lead(_) => panic!("{key:?} is not on its way"),
        }
    }

    #[tokio::test]
    async fn followers_get_what_landed_and_the_key_is_free_again() {
        let (flights, key) = (Flights::default(), Key::new("", false, "a.b", "k"));
        let mut first = lead(&flights, &key);
        let waiting = follow(&flights, &key);
        drop(lead(&flights, &Key::new("", false, "a.b", "other")));
        let answer = StoredAnswer::new(200, b"application/json", "{}").unwrap();
        let record = Record::new(Fingerprint::new(b"{}"), answer);
        first.land(record.clone());
        drop(first);
        assert_eq!(waiting.landed().await.ok(), Some(record));
        drop(lead(&flights, &key));
    }

    #[tokio::test]
    async fn an_attempt_that_is_dropped_has_failed() {
        let (flights, key) = (Flights::default(), Key::new("", false, "a.b", "k"));
        let first = lead(&flights, &key);
        let waiting = follow(&flights, &key);
        drop(first);
        assert!(waiting.landed().await.is_err());
        drop(lead(&flights, &key));
    }
}
