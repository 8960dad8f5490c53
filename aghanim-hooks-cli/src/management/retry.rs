//! The rule for repeating a call, and the pause before it.

use std::time::{Duration, SystemTime};

use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};

use super::error::{ApiError, Kind};

/// The pause before the first repetition, in milliseconds. It doubles each time.
const FIRST: u64 = 500;
/// The longest pause of our own.
const LONGEST: Duration = Duration::from_secs(20);
/// The longest `Retry-After` that is waited for. If it is longer, the command ends with the error.
const PATIENCE: Duration = Duration::from_mins(2);

/// Says if a call may be carried out twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Twice is as good as once: reading, and setting values.
    Freely,
    /// Twice is not: it is repeated only if the first attempt was surely not carried out.
    IfUndone,
}

/// The pause before the call is repeated. `None` if it is not.
pub(super) fn pause(attempt: u32, error: &ApiError, headers: &HeaderMap, repeat: Repeat) -> Option<Duration> {
    let worth_it = match error.kind {
        Kind::Unreachable | Kind::Status(StatusCode::TOO_MANY_REQUESTS) => true,
        Kind::Timeout | Kind::Broken => repeat == Repeat::Freely,
        Kind::Status(status) => status.is_server_error() && repeat == Repeat::Freely,
        Kind::Unreadable => false,
    };
    if !worth_it {
        return None;
    }
    match retry_after(headers, SystemTime::now()) {
        Some(asked) => (asked <= PATIENCE).then_some(asked),
        None => Some(backoff(attempt, fastrand::f64())),
    }
}

/// An exponential pause, of which a random half is taken away, so that many clients do not return at once.
fn backoff(attempt: u32, random: f64) -> Duration {
    let whole = Duration::from_millis(FIRST.saturating_mul(1 << attempt.min(16))).min(LONGEST);
    whole.mul_f64(0.5 + random / 2.0)
}

/// The time of a `Retry-After`: seconds, or a date.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    Some(at.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(retry_after: &str) -> HeaderMap {
        HeaderMap::from_iter([(RETRY_AFTER, retry_after.parse().unwrap())])
    }

    fn of(kind: Kind) -> ApiError {
        ApiError::new(kind, "")
    }

    #[test]
    fn what_may_have_been_done_is_repeated_only_where_twice_is_as_good_as_once() {
        let none = HeaderMap::new();
        let undone = [Kind::Unreachable, Kind::Status(StatusCode::TOO_MANY_REQUESTS)];
        let perhaps = [Kind::Timeout, Kind::Broken, Kind::Status(StatusCode::BAD_GATEWAY)];
        let never = [Kind::Unreadable, Kind::Status(StatusCode::UNAUTHORIZED), Kind::Status(StatusCode::NOT_FOUND)];
        for kind in undone {
            assert!(pause(0, &of(kind), &none, Repeat::IfUndone).is_some(), "{kind:?}");
        }
        for kind in perhaps {
            assert!(pause(0, &of(kind), &none, Repeat::Freely).is_some(), "{kind:?}");
            assert!(pause(0, &of(kind), &none, Repeat::IfUndone).is_none(), "{kind:?}");
        }
        for kind in never {
            assert!(pause(0, &of(kind), &none, Repeat::Freely).is_none(), "{kind:?}");
        }
    }

    #[test]
    fn pauses_grow_and_are_never_the_same_for_all() {
        assert_eq!((backoff(0, 0.0), backoff(0, 1.0)), (Duration::from_millis(250), Duration::from_millis(500)));
        assert_eq!(backoff(3, 1.0), Duration::from_secs(4));
        assert_eq!(backoff(u32::MAX, 1.0), LONGEST);
    }

    #[test]
    fn retry_after_is_honoured_in_both_forms_and_not_for_ever() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_767);
        assert_eq!(retry_after(&headers("7"), now), Some(Duration::from_secs(7)));
        assert_eq!(retry_after(&headers("Sun, 06 Nov 1994 08:49:37 GMT"), now), Some(Duration::from_secs(10)));
        assert_eq!(retry_after(&headers("soon"), now), None);
        let busy = of(Kind::Status(StatusCode::TOO_MANY_REQUESTS));
        assert_eq!(pause(0, &busy, &headers("7"), Repeat::IfUndone), Some(Duration::from_secs(7)));
        assert_eq!(pause(0, &busy, &headers("3600"), Repeat::IfUndone), None);
    }
}
