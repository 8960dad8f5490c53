//! A limit of time that costs nothing for a future that is ready at once.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use tokio::time::{Instant, timeout_at};

/// Waits for a future until the deadline. `None` if it is not ready by then.
///
/// Most bodies and answers are ready at once, and need no timer.
pub(super) async fn within<T>(deadline: impl FnOnce() -> Instant, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    match poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await {
        Poll::Ready(output) => Some(output),
        Poll::Pending => timeout_at(deadline(), future).await.ok(),
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::time::Duration;

    use futures_util::FutureExt;
    use tokio::time::sleep;

    use super::*;

    #[test]
    fn a_future_that_is_ready_needs_no_timer() {
        assert_eq!(within(|| unreachable!(), ready(1)).now_or_never(), Some(Some(1)));
    }

    #[tokio::test]
    async fn a_future_has_until_the_deadline() {
        let (began, moment) = (Instant::now(), Duration::from_millis(20));
        assert_eq!(within(|| began + moment, pending::<()>()).await, None);
        assert!(began.elapsed() >= moment);
        assert_eq!(within(|| Instant::now() + Duration::from_mins(1), sleep(moment)).await, Some(()));
    }
}
