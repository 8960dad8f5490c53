use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;

/// A future that goes on in a task of its own when it is dropped before its end, as it is when a client hangs up.
///
/// Spawning it from the start would do the same, at the price of a task for every delivery.
pub(super) struct ToTheEnd<F>(Option<Pin<Box<F>>>)
where
    F: Future<Output: Send> + Send + 'static;

impl<F> ToTheEnd<F>
where
    F: Future<Output: Send> + Send + 'static,
{
    pub(super) fn new(future: F) -> Self {
        Self(Some(Box::pin(future)))
    }
}

impl<F> Future for ToTheEnd<F>
where
    F: Future<Output: Send> + Send + 'static,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        // Taken out while it is polled: one that panics must not go on.
        let mut future = self.0.take().expect("a future is not polled after its end");
        let polled = future.as_mut().poll(cx);
        if polled.is_pending() {
            self.0 = Some(future);
        }
        polled
    }
}

impl<F> Drop for ToTheEnd<F>
where
    F: Future<Output: Send> + Send + 'static,
{
    fn drop(&mut self) {
        // Without a runtime there is nothing that could go on.
        if let Some(future) = self.0.take()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(future);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use futures_util::FutureExt;
    use tokio::sync::Notify;
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn it_is_a_future_like_any_other() {
        assert_eq!(ToTheEnd::new(async { 7 }).await, 7);
    }

    #[tokio::test]
    async fn dropped_it_goes_on() {
        let (go_on, done) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (waits_for, tells) = (Arc::clone(&go_on), Arc::clone(&done));
        let mut work = ToTheEnd::new(async move {
            waits_for.notified().await;
            tells.notify_one();
        });
        assert!((&mut work).now_or_never().is_none());
        drop(work);
        go_on.notify_one();
        timeout(Duration::from_secs(10), done.notified()).await.expect("it did not go on");
    }

    #[tokio::test]
    async fn what_panicked_does_not_go_on() {
        let mut work = Box::pin(ToTheEnd::new(async { panic!("a bug") }));
        let polled = std::panic::AssertUnwindSafe(work.as_mut()).catch_unwind().await;
        assert!(polled.is_err());
        assert!(work.0.is_none());
    }
}
