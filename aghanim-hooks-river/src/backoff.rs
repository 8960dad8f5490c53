use std::time::Duration;

use riverqueue::jiff::Timestamp;
use riverqueue::{JobRow, RetryPolicy, WorkError};

/// The pauses between the attempts of a job: each twice as long as the one before, with 20 % of jitter.
///
/// River's own pauses grow with the fourth power of the attempt's number and reach days, which is too long for a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The pause after the first attempt: 5 seconds unless set.
    pub first: Duration,
    /// The longest pause: 1 hour unless set.
    pub longest: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_secs(5), longest: Duration::from_hours(1) }
    }
}

impl Backoff {
    /// The pause after this attempt, without jitter. Attempts count from 1.
    #[must_use]
    pub fn after(&self, attempt: u32) -> Duration {
        let doubled = 1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
        self.first.saturating_mul(doubled).min(self.longest)
    }
}

impl RetryPolicy for Backoff {
    fn next_retry(&self, job: &JobRow, _: &WorkError, _: Timestamp) -> Duration {
        let pause = self.after(u32::try_from(job.attempt).unwrap_or(1));
        pause.mul_f64(0.8 + 0.4 * fastrand::f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let backoff = Backoff::default();
        let pauses: Vec<_> = (1..=12).map(|attempt| backoff.after(attempt).as_secs()).collect();
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]);
        assert_eq!(backoff.after(u32::MAX), backoff.longest);
    }

    #[test]
    fn jitter_stays_within_a_fifth() {
        let mut job =
            JobRow::new(1, "aghanim_webhook", serde_json::value::to_raw_value("{}").unwrap(), Timestamp::now());
        job.attempt = 4;
        for _ in 0..100 {
            let pause = Backoff::default().next_retry(&job, &WorkError::new("it failed"), Timestamp::now());
            assert!((32.0..=48.0).contains(&pause.as_secs_f64()), "{pause:?}");
        }
    }
}
