use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::Extensions;

/// A clock that does not move until a test moves it.
///
/// Give it to [`TestClient::clock`](super::TestClient::clock): the client then signs by this clock, and the endpoint
/// checks the time of each request against it. Clones share the time. Stores keep their own clocks.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use aghanim_hooks::testing::Clock;
///
/// let clock = Clock::starting_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_714_147_200));
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(1_714_147_260));
/// ```
#[derive(Clone)]
pub struct Clock(Arc<Mutex<SystemTime>>);

impl Clock {
    /// Makes a clock that shows this time.
    #[must_use]
    pub fn starting_at(time: SystemTime) -> Self {
        Self(Arc::new(Mutex::new(time)))
    }

    /// The time that the clock shows.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }

    /// Sets the clock, forward or back.
    pub fn set(&self, time: SystemTime) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = time;
    }

    /// The time of the clock in a request's extensions, or else of the machine's clock.
    ///
    /// Extensions are set in this process only, so a request from the network can't bring a clock.
    pub(crate) fn of(extensions: &Extensions) -> SystemTime {
        extensions.get::<Self>().map_or_else(SystemTime::now, Self::now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}
