use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time, in Unix seconds.
///
/// Every documented sample has whole seconds, but only a number is documented. A fraction is kept, to the nanosecond.
///
/// ```
/// use aghanim_hooks::UnixTime;
///
/// let paid = UnixTime::from_secs(1_714_147_200);
/// assert_eq!(paid.as_secs(), 1_714_147_200);
/// assert!(paid.to_system_time().unwrap() < std::time::SystemTime::now());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime {
    seconds: i64,
    /// Counted forward from `seconds`, also before 1970.
    nanos: u32,
}

impl UnixTime {
    /// Creates a time from whole seconds since the start of 1970, UTC.
    #[must_use]
    pub const fn from_secs(seconds: i64) -> Self {
        Self { seconds, nanos: 0 }
    }

    /// Returns the whole seconds since the start of 1970, UTC, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds since the start of 1970, UTC; `None` beyond the year 2262.
    pub(crate) fn as_nanos(self) -> Option<i64> {
        self.seconds.checked_mul(1_000_000_000)?.checked_add(self.nanos.into())
    }

    /// Converts the time to the standard library's type. `None` if that type can't hold it.
    #[must_use]
    pub fn to_system_time(self) -> Option<SystemTime> {
        let whole = Duration::from_secs(self.seconds.unsigned_abs());
        let whole = if self.seconds < 0 { UNIX_EPOCH.checked_sub(whole) } else { UNIX_EPOCH.checked_add(whole) };
        whole?.checked_add(Duration::from_nanos(self.nanos.into()))
    }
}

impl Serialize for UnixTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.nanos == 0 {
            return serializer.serialize_i64(self.seconds);
        }
        #[expect(clippy::cast_precision_loss, reason = "a time with a fraction came as a float")]
        serializer.serialize_f64(self.seconds as f64 + f64::from(self.nanos) / 1e9)
    }
}

impl<'de> Deserialize<'de> for UnixTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seconds;

        impl Visitor<'_> for Seconds {
            type Value = UnixTime;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of Unix seconds")
            }

            fn visit_i64<E: Error>(self, seconds: i64) -> Result<UnixTime, E> {
                Ok(UnixTime::from_secs(seconds))
            }

            fn visit_u64<E: Error>(self, seconds: u64) -> Result<UnixTime, E> {
                let fits =
                    i64::try_from(seconds).map_err(|_| E::invalid_value(Unexpected::Unsigned(seconds), &self))?;
                Ok(UnixTime::from_secs(fits))
            }

            fn visit_f64<E: Error>(self, seconds: f64) -> Result<UnixTime, E> {
                let whole = seconds.floor();
                // 2^63 is exact as a float. It is the first value that does not fit.
                if !(-(2_f64.powi(63))..2_f64.powi(63)).contains(&whole) {
                    return Err(E::invalid_value(Unexpected::Float(seconds), &self));
                }
                #[expect(clippy::cast_possible_truncation, reason = "in range: checked above")]
                let fits = whole as i64;
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1e9")]
                let nanos = ((seconds - whole) * 1e9) as u32;
                Ok(UnixTime { seconds: fits, nanos: nanos.min(999_999_999) })
            }
        }

        deserializer.deserialize_any(Seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_seconds_are_written_back_unchanged() {
        for text in ["0", "1714147200", "-1", "9223372036854775807"] {
            let time: UnixTime = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&time).unwrap(), text);
        }
        assert_eq!(serde_json::from_str::<UnixTime>("1714147200.0").unwrap(), UnixTime::from_secs(1_714_147_200));
    }

    #[test]
    fn fractions_are_kept_and_count_forward() {
        let time: UnixTime = serde_json::from_str("1714147200.25").unwrap();
        assert_eq!((time.as_secs(), time.nanos), (1_714_147_200, 250_000_000));
        assert_eq!(serde_json::to_string(&time).unwrap(), "1714147200.25");
        let before: UnixTime = serde_json::from_str("-0.5").unwrap();
        assert_eq!((before.as_secs(), before.nanos), (-1, 500_000_000));
        assert_eq!(before.to_system_time(), UNIX_EPOCH.checked_sub(Duration::from_millis(500)));
    }

    #[test]
    fn values_that_are_not_times_are_refused() {
        for text in ["null", "\"1714147200\"", "1e300", "18446744073709551615", "true"] {
            assert!(serde_json::from_str::<UnixTime>(text).is_err(), "{text}");
        }
    }
}
