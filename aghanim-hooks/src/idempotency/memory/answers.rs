use std::collections::VecDeque;
use std::time::Instant;

use hashbrown::HashTable;

use crate::idempotency::Record;
use crate::idempotency::digest::{Digest, first_word};

/// Answers by the digest of their keys, in the order in which they were kept.
///
/// A place of the table has the number of an answer alone: a large table is in no cache, and each place that is looked at
/// waits for the memory.
#[derive(Default)]
pub(super) struct Answers {
    numbers: HashTable<usize>,
    /// The oldest first.
    kept: VecDeque<Answered>,
    /// How many have been forgotten, which is the number of the oldest.
    forgotten: usize,
}

struct Answered {
    since: Instant,
    digest: Digest,
    record: Record,
}

impl Answers {
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    pub(super) fn get(&self, digest: &Digest) -> Option<&Record> {
        let answered = |number: usize| &self.kept[number - self.forgotten];
        let number = self.numbers.find(first_word(digest), |number| answered(*number).digest == *digest)?;
        Some(&answered(*number).record)
    }

    /// Keeps an answer to a key that has none.
    pub(super) fn push(&mut self, since: Instant, digest: Digest, record: Record) {
        let Self { numbers, kept, forgotten } = self;
        let number = *forgotten + kept.len();
        kept.push_back(Answered { since, digest, record });
        numbers.insert_unique(first_word(&digest), number, |number| first_word(&kept[number - *forgotten].digest));
    }

    /// Since when the oldest has been there.
    pub(super) fn oldest(&self) -> Option<Instant> {
        self.kept.front().map(|answered| answered.since)
    }

    pub(super) fn forget_oldest(&mut self) {
        if let Some(oldest) = self.kept.pop_front() {
            let number = self.forgotten;
            self.forgotten += 1;
            if let Ok(place) = self.numbers.find_entry(first_word(&oldest.digest), |other| *other == number) {
                place.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::idempotency::{Fingerprint, StoredAnswer};

    /// All of one hash, so that they meet in one place.
    fn digest(n: u8) -> Digest {
        let mut digest = [0; 32];
        digest[31] = n;
        digest
    }

    fn record(n: u8) -> Record {
        let answer = StoredAnswer::new(200, b"application/json", vec![n]).unwrap();
        Record::new(Fingerprint::new(&[n]), answer)
    }

    #[test]
    fn the_oldest_is_forgotten_and_no_other() {
        let mut answers = Answers::default();
        let start = Instant::now();
        for n in 0..100 {
            answers.push(start, digest(n), record(n));
            if n >= 10 {
                answers.forget_oldest();
            }
            let oldest = n.saturating_sub(9);
            for known in 0..=n {
                let expected = (known >= oldest).then(|| record(known));
                assert_eq!(answers.get(&digest(known)), expected.as_ref(), "{known} of {n}");
            }
            assert_eq!(answers.len(), usize::from(n - oldest) + 1);
        }
    }

    #[test]
    fn a_key_that_was_forgotten_can_be_answered_anew() {
        let mut answers = Answers::default();
        answers.push(Instant::now(), digest(1), record(1));
        answers.forget_oldest();
        assert_eq!((answers.len(), answers.oldest()), (0, None));
        answers.forget_oldest();
        answers.push(Instant::now(), digest(1), record(2));
        assert_eq!(answers.get(&digest(1)), Some(&record(2)));
    }
}
