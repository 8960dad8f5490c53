use std::time::Duration;

/// The number of jobs in each state, and the age of the oldest: for a gauge or an alarm.
///
/// [`Control::jobs`](crate::Control::jobs) counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Depth {
    /// Jobs that are due and wait for a worker.
    pub waiting: u64,
    /// Jobs that a worker is running.
    pub running: u64,
    /// Jobs that failed and wait for their next attempt.
    pub retrying: u64,
    /// Dead letters.
    pub dead: u64,
    /// The time since the oldest unfinished job was enqueued. Dead letters do not count. Zero if all jobs are finished.
    pub oldest: Duration,
}

impl Depth {
    /// The jobs that are not finished: waiting, running and retrying.
    #[must_use]
    pub fn unfinished(&self) -> u64 {
        self.waiting + self.running + self.retrying
    }
}
